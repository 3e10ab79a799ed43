import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  fsyncSync,
  ftruncateSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A recursive change of more than this is not one that could be taken back with certainty. */
const MOST_ENTRIES = 10_000;

interface Before {
  readonly path: string;
  readonly stats: Stats;
}

/**
 * What was changed for real, and how it was before. Everything here is synchronous, so that it can be taken
 * back even while the process is being ended.
 */
export class Journal {
  /** Copies of files as they were. */
  readonly backups: string[] = [];
  readonly #directory: string;
  readonly #undo: (() => string | null)[] = [];

  /** `directory` is made with the first backup. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  get isEmpty(): boolean {
    return this.#undo.length === 0;
  }

  /** Replaces a file's content in one moment; owner, mode, ACL and security context stay. */
  replace(path: string, content: Buffer): void {
    const before = readFileSync(path);
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const backup = join(this.#directory, path.replace(/^\/+/, '').replaceAll('/', '!'));
    copyFileSync(path, backup);
    chmodSync(backup, 0o600);
    this.backups.push(backup);
    this.#undo.push(() => {
      // Somebody else may have edited the file since: that work is not ours to throw away.
      if (!readFileSync(path).equals(content))
        return `${path} was changed by somebody else meanwhile and was left alone; as it was before: ${backup}`;
      write(path, before);
      return null;
    });
    write(path, content);
  }

  /** Notes modes, owners and ACLs of what a command is about to change, or that it isn't there yet. */
  note(path: string, isRecursive: boolean): void {
    const missing = missingFrom(path);
    if (missing !== null) {
      this.#undo.push(() => removeMade(path, missing));
      return;
    }
    const entries = isRecursive ? entriesUnder(path) : [{ path, stats: lstatSync(path) }];
    // What chmod and setfacl change is behind a link, what chown -h changes is the link itself.
    const targets = entries.flatMap((entry) => (entry.stats.isSymbolicLink() && !isRecursive ? [{ path, stats: statSync(path) }] : []));
    const acls = aclsOf(entries.filter(({ stats }) => !stats.isSymbolicLink() || !isRecursive).map((entry) => entry.path));
    this.#undo.push(() => restore([...entries, ...targets], acls));
  }

  /** Takes everything back, the last first. Answers with what could not be. */
  undo(): readonly string[] {
    const problems: string[] = [];
    for (let take = this.#undo.pop(); take !== undefined; take = this.#undo.pop()) {
      try {
        const problem = take();
        if (problem !== null) problems.push(problem);
      } catch (error) {
        problems.push(error instanceof Error ? error.message : String(error));
      }
    }
    return problems;
  }
}

function write(path: string, content: Buffer): void {
  const draft = join(dirname(path), `.${basename(path)}.why403-${randomBytes(4).toString('hex')}`);
  try {
    likeIt(path, draft);
    const file = openSync(draft, 'r+');
    try {
      ftruncateSync(file, 0);
      writeSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    // A file that is mounted by itself, as containers do, can't be replaced, only rewritten.
    if (error instanceof Error && 'code' in error && (error.code === 'EBUSY' || error.code === 'EXDEV')) writeFileSync(path, content);
    else throw error;
  }
}

/** An empty file with another one's owner, mode, ACL and security context, as far as this system can copy them. */
function likeIt(path: string, draft: string): void {
  const copied = spawnSync('cp', ['--attributes-only', '--preserve=all', '--', path, draft], { stdio: 'ignore' });
  const { mode, uid, gid } = statSync(path);
  if (copied.status !== 0) closeSync(openSync(draft, 'w', 0o600));
  const made = statSync(draft);
  if (made.uid !== uid || made.gid !== gid) chownSync(draft, uid, gid);
  if ((statSync(draft).mode & 0o7777) !== (mode & 0o7777)) chmodSync(draft, mode & 0o7777);
}

/** The topmost part of a path that doesn't exist; null when all of it does. */
function missingFrom(path: string): string | null {
  let missing: string | null = null;
  for (let at = path; lstatSync(at, { throwIfNoEntry: false }) === undefined; at = dirname(at)) missing = at;
  return missing;
}

/** Removes what a command made, and only while nobody has put anything into it. */
function removeMade(path: string, from: string): string | null {
  for (let at = path; ; at = dirname(at)) {
    const entry = lstatSync(at, { throwIfNoEntry: false });
    if (entry?.isDirectory()) rmdirSync(at);
    else if (entry !== undefined && entry.size > 0) return `${at} was made and has been filled meanwhile, so it was left`;
    else if (entry !== undefined) unlinkSync(at);
    if (at === from) return null;
  }
}

function entriesUnder(path: string): readonly Before[] {
  const found: Before[] = [];
  const visit = (at: string): void => {
    const stats = lstatSync(at);
    if (found.push({ path: at, stats }) > MOST_ENTRIES)
      throw new Error(`${path} holds more than ${MOST_ENTRIES} entries, more than can be taken back with certainty`);
    if (stats.isDirectory()) for (const name of readdirSync(at)) visit(join(at, name));
  };
  visit(path);
  return found;
}

/** getfacl's text for these files, which setfacl reads back; null without the tools. */
function aclsOf(paths: readonly string[]): string | null {
  if (paths.length === 0) return null;
  const texts: string[] = [];
  try {
    for (let at = 0; at < paths.length; at += 200) {
      texts.push(
        execFileSync('getfacl', ['-n', '-p', '--', ...paths.slice(at, at + 200)], {
          encoding: 'latin1',
          stdio: ['ignore', 'pipe', 'ignore'],
        }),
      );
    }
    return texts.join('\n');
  } catch {
    // Without these tools no command changes an ACL either; the mode bits are noted anyway.
    return null;
  }
}

function restore(entries: readonly Before[], acls: string | null): string | null {
  for (const { path, stats } of entries) {
    const now = lstatSync(path, { throwIfNoEntry: false });
    if (now === undefined) continue;
    if (stats.isSymbolicLink()) {
      if (now.uid !== stats.uid || now.gid !== stats.gid) lchownSync(path, stats.uid, stats.gid);
      continue;
    }
    const reached = statSync(path);
    if (reached.uid !== stats.uid || reached.gid !== stats.gid) chownSync(path, stats.uid, stats.gid);
    chmodSync(path, stats.mode & 0o7777);
  }
  if (acls === null) return null;
  const restored = spawnSync('setfacl', ['--restore=-'], { input: Buffer.from(acls, 'latin1'), stdio: ['pipe', 'ignore', 'ignore'] });
  if (restored.status !== 0) return 'access ACLs could not be put back';
  // The ACL's mask shows in the group bits, so the mode is set before and checked after.
  const off = entries.find(({ path, stats }) => !stats.isSymbolicLink() && (statSync(path).mode & 0o7777) !== (stats.mode & 0o7777));
  return off === undefined ? null : `${off.path} did not get its mode back`;
}
