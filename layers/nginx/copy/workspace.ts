import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Identity, permit, SEARCH } from '@why403/filesystem';
import { keepForCleanUp } from './clean-up.ts';

/** A temporary folder that is gone afterwards, however this process ends. */
export interface Workspace {
  readonly directory: string;
  remove(): void;
}

const NAME = /^why403-copy-(\d+)-[A-Za-z0-9]{6}$/;
/** A Unix socket's path has at most 107 bytes (unix(7)), so its folder can't be just anywhere. */
const LONGEST = 50;

/**
 * Makes the folder of a copy where `worker` can reach it, and removes what killed runs have left. It is 0711:
 * others may pass through to what the tree's own modes give them, and list nothing.
 */
export function openWorkspace(worker: Identity): Workspace {
  const parent = parentFor(worker);
  for (const left of new Set([parent, realOf(tmpdir())])) if (left !== null) sweep(left);
  const directory = mkdtempSync(join(parent, `why403-copy-${process.pid}-`));
  chmodSync(directory, 0o711);
  writeFileSync(join(directory, 'born'), bornAt(process.pid) ?? '', { mode: 0o600 });
  const release = keepForCleanUp(() => removeTree(directory));
  return {
    directory,
    remove: () => {
      removeTree(directory);
      release();
    },
  };
}

/** A folder that others can pass through and not list, whatever the umask is. */
export function makePassage(path: string): void {
  mkdirSync(path, { mode: 0o711 });
  chmodSync(path, 0o711);
}

/** The temporary folder when the worker may search every folder above it, else the usual ones. */
function parentFor(worker: Identity): string {
  const candidates = [tmpdir(), '/tmp', '/var/tmp', '/dev/shm'].map(realOf).filter((path) => path !== null);
  const fitting = candidates.find((path) => path.length <= LONGEST && isSearchable(path, worker));
  if (fitting === undefined)
    throw new Error(`${worker.user} can search none of ${[...new Set(candidates)].join(', ')}, so a copy has no place`);
  return fitting;
}

function realOf(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function isSearchable(path: string, worker: Identity): boolean {
  for (let at = path; ; at = dirname(at)) {
    const { mode, uid, gid, size } = statSync(at);
    const entry = { type: 'directory', mode: mode & 0o7777, uid, gid, size, acl: null } as const;
    if (permit(entry, worker, SEARCH).verdict !== 'granted') return false;
    if (at === '/') return true;
  }
}

/** Removes folders of runs that are no longer there. Only what is ours: names in a shared folder prove nothing. */
export function sweep(parent: string): void {
  const uid = process.getuid?.();
  for (const name of readdirSync(parent)) {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined) continue;
    const directory = join(parent, name);
    try {
      const entry = lstatSync(directory);
      if (entry.isDirectory() && entry.uid === uid && !isStillRunning(Number(pid), directory)) discard(directory);
    } catch {
      // Somebody else is sweeping too, or it isn't ours after all.
    }
  }
}

function isStillRunning(pid: number, directory: string): boolean {
  const now = bornAt(pid);
  if (now === null) return false;
  try {
    // A number is given to a new process sooner or later; the time of its birth tells them apart.
    return readFileSync(join(directory, 'born'), 'utf8') === now;
  } catch {
    // Made a moment ago, or not by us: while a process of that number lives, leave it.
    return true;
  }
}

/** Field 22 of /proc/PID/stat, in clock ticks since boot; null when there is no such process. */
function bornAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    try {
      process.kill(pid, 0);
      return '';
    } catch (error) {
      return error instanceof Error && 'code' in error && error.code === 'EPERM' ? '' : null;
    }
  }
}

/** Ends a server that its run could not end, then removes the folder. */
function discard(directory: string): void {
  for (const name of readdirSync(directory)) {
    try {
      const pid = Number(readFileSync(join(directory, name, 'nginx.pid'), 'utf8'));
      // Its command line names the folder, so that a number which was given away meanwhile is left alone.
      if (pid > 1 && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(directory)) process.kill(pid, 'SIGTERM');
    } catch {
      // Not a server's folder, or the server is gone: the usual case.
    }
  }
  removeTree(directory);
}

/** Removes a folder even where its modes would keep an ordinary user out. */
export function removeTree(directory: string): void {
  if (process.getuid?.() !== 0) unlock(directory);
  rmSync(directory, { recursive: true, force: true });
}

function unlock(path: string): void {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (!entry?.isDirectory()) return;
  chmodSync(path, 0o700);
  for (const name of readdirSync(path)) unlock(join(path, name));
}
