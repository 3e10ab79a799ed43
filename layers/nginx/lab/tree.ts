import { execFileSync } from 'node:child_process';
import { chmodSync, lchownSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Entry, FileTree, Look } from '@why403/filesystem';

/** Numbers of the accounts that a tree may give things to. Giving needs root; others own what they make. No account has the deployer's. */
export const OWNERS = { root: 0, 'www-data': 33, nobody: 65534, deployer: 4242 } as const;

/** One thing in a tree. The mode defaults to 0755 for a directory and 0644 for a file. */
export type Planted = { readonly mode?: number; readonly owner?: keyof typeof OWNERS; readonly group?: keyof typeof OWNERS } & (
  | { readonly type: 'directory' | 'fifo' }
  | { readonly type: 'file'; readonly text: string }
  | { readonly type: 'symlink'; readonly target: string }
);

/** By path below the tree's root, without a leading slash. Missing parents are made with mode 0755. */
export type TreeSpec = Readonly<Record<string, Planted>>;

export const isRoot = process.getuid?.() === 0;

export function plantTree(root: string, spec: TreeSpec): void {
  const made: [path: string, thing: Planted][] = [];
  for (const [name, thing] of Object.entries(spec)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    if (thing.type === 'directory') mkdirSync(path, { recursive: true, mode: 0o755 });
    else if (thing.type === 'file') writeFileSync(path, thing.text, 'latin1');
    else if (thing.type === 'symlink') symlinkSync(thing.target, path);
    else execFileSync('mkfifo', [path]);
    made.push([path, thing]);
  }
  // Bits and owners come last and from the leaves up: an ordinary user must not shut himself out while planting.
  for (const [path, thing] of made.sort(([a], [b]) => b.length - a.length)) {
    const owner = OWNERS[thing.owner ?? 'root'];
    if (isRoot) lchownSync(path, owner, OWNERS[thing.group ?? thing.owner ?? 'root']);
    if (thing.type !== 'symlink') chmodSync(path, thing.mode ?? (thing.type === 'directory' ? 0o755 : 0o644));
  }
}

/** Makes everything below removable again for an ordinary user. */
export function unlockTree(root: string): void {
  const entry = lstatSync(root, { throwIfNoEntry: false });
  if (!entry?.isDirectory()) return;
  chmodSync(root, 0o755);
  for (const name of readdirSync(root)) unlockTree(join(root, name));
}

/** The real disk as a `FileTree`. Each path is looked at once, so the tree must not change while it is in use. */
export function diskTree(): FileTree {
  const looks = new Map<string, Look>();
  return {
    look(path) {
      const known = looks.get(path);
      if (known !== undefined) return known;
      const look = lookAt(path);
      looks.set(path, look);
      return look;
    },
    list: (directory) => orNull(() => readdirSync(directory)),
    read: (path) => orNull(() => readFileSync(path, 'latin1')),
  };
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function lookAt(path: string): Look {
  try {
    const stat = lstatSync(path);
    const type: Entry['type'] = stat.isDirectory()
      ? 'directory'
      : stat.isSymbolicLink()
        ? 'symlink'
        : stat.isFile()
          ? 'file'
          : stat.isSocket()
            ? 'socket'
            : stat.isFIFO()
              ? 'fifo'
              : 'character';
    const link = type === 'symlink' ? { target: readlinkSync(path) } : {};
    return {
      state: 'present',
      entry: { type, mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid, size: stat.size, acl: null, ...link },
    };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return code === 'ENOENT' || code === 'ENOTDIR' ? { state: 'absent' } : { state: 'unseen', why: code };
  }
}
