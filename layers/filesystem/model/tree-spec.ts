import { isExtended, parseAcl } from './acl-text.ts';
import type { Accounts } from './accounts.ts';
import { ancestorsOf, nameOf, parentOf } from './path.ts';
import { SnapshotTree } from './snapshot-tree.ts';
import type { Entry, Look } from './tree.ts';

/**
 * A file tree as one would jot it down: path to `drwxr-x--- alice www-data`, then optionally ` -> target` of a
 * link, ` + user:www-data:r-x,mask::r-x` of an ACL (` + unread` when it couldn't be read), ` = text` of a small
 * file. `absent` and `unseen: why` say just that.
 */
export type TreeSpec = Readonly<Record<string, string>>;

export interface TreeOptions {
  readonly accounts?: Accounts;
  /** Whether whatever the jotting doesn't mention is unseen; else it is absent. */
  readonly world?: 'closed' | 'open';
  readonly protectedSymlinks?: boolean | null;
}

/** A handful of usual accounts, for jottings that bring none. */
export const USUAL_ACCOUNTS: Accounts = {
  users: [
    { name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/bash' },
    { name: 'www-data', uid: 33, gid: 33, home: '/var/www', shell: '/usr/sbin/nologin' },
    { name: 'backup', uid: 34, gid: 34, home: '/var/backups', shell: '/usr/sbin/nologin' },
    { name: 'nobody', uid: 65534, gid: 65534, home: '/nonexistent', shell: '/usr/sbin/nologin' },
    { name: 'nginx', uid: 101, gid: 101, home: '/nonexistent', shell: '/usr/sbin/nologin' },
    { name: 'alice', uid: 1000, gid: 1000, home: '/home/alice', shell: '/bin/bash' },
    { name: 'bob', uid: 1001, gid: 1001, home: '/home/bob', shell: '/bin/bash' },
    { name: 'deploy', uid: 1002, gid: 1002, home: '/home/deploy', shell: '/bin/bash' },
  ],
  groups: [
    { name: 'root', gid: 0, members: [] },
    { name: 'www-data', gid: 33, members: [] },
    { name: 'backup', gid: 34, members: [] },
    { name: 'nogroup', gid: 65534, members: [] },
    { name: 'nginx', gid: 101, members: [] },
    { name: 'alice', gid: 1000, members: [] },
    { name: 'bob', gid: 1001, members: [] },
    { name: 'deploy', gid: 1002, members: [] },
    { name: 'web', gid: 2000, members: ['www-data', 'alice'] },
    { name: 'staff', gid: 50, members: ['alice', 'bob'] },
  ],
};

const TYPES = { '-': 'file', d: 'directory', l: 'symlink', p: 'fifo', s: 'socket', c: 'character', b: 'block' } as const;

/** Builds a snapshot from a jotting. Directories above what it names are `drwxr-xr-x root root` unless named too. */
export function treeOf(spec: TreeSpec, options: TreeOptions = {}): SnapshotTree {
  const accounts = options.accounts ?? USUAL_ACCOUNTS;
  const tree = new SnapshotTree(options.protectedSymlinks ?? null);
  const seen = new Map<string, Look>();
  for (const [path, words] of Object.entries(spec)) {
    for (const above of ancestorsOf(path)) if (!(above in spec)) seen.set(above, present('drwxr-xr-x root root', accounts));
    seen.set(path, lookOf(path, words, accounts));
    const text = / = ([\s\S]*)$/.exec(words)?.[1];
    if (text !== undefined) tree.noteText(path, text);
  }
  for (const [path, look] of seen) tree.noteLook(path, look);
  if (options.world !== 'open') close(tree, seen);
  return tree;
}

/** In a closed world every directory's listing is complete, so that what isn't named is absent. */
function close(tree: SnapshotTree, seen: ReadonlyMap<string, Look>): void {
  const names = new Map<string, string[]>();
  for (const [path, look] of seen) {
    if (look.state === 'present' && look.entry.type === 'directory' && !names.has(path)) names.set(path, []);
  }
  for (const [path, look] of seen) if (path !== '/' && look.state !== 'absent') names.get(parentOf(path))?.push(nameOf(path));
  for (const [directory, listed] of names) tree.noteListing(directory, listed);
}

function lookOf(path: string, words: string, accounts: Accounts): Look {
  if (words === 'absent') return { state: 'absent' };
  const why = /^unseen(?:: (.*))?$/.exec(words);
  if (why !== null) return { state: 'unseen', why: why[1] ?? 'nobody has looked there' };
  try {
    return present(words, accounts);
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function present(words: string, accounts: Accounts): Look {
  const match = /^([-dlpscb][-rwxsStT]{9})\+? (\S+) (\S+)(?: -> (.+?))?(?: \+ (\S+))?(?: = [\s\S]*)?$/.exec(words);
  if (match === null) throw new Error(`not a jotting of a file: ${words}`);
  const [, mode = '', owner = '', group = '', target, acl] = match;
  const type = TYPES[mode.charAt(0) as keyof typeof TYPES]; // the pattern above admits no other letter
  const entry: Entry = {
    type,
    mode: bitsOf(mode),
    uid: numberOf('user', owner, accounts),
    gid: numberOf('group', group, accounts),
    size: 0,
    acl: acl === undefined ? null : acl === 'unread' ? 'unread' : aclOf(acl, accounts),
    ...(target === undefined ? {} : { target }),
  };
  return { state: 'present', entry };
}

function aclOf(text: string, accounts: Accounts): Entry['acl'] {
  const entries = parseAcl(text, (kind, name) => numberOf(kind, name, accounts));
  if (entries === null) throw new Error(`not an ACL: ${text}`);
  return isExtended(entries) ? entries : null;
}

function numberOf(kind: 'user' | 'group', name: string, accounts: Accounts): number {
  if (/^\d+$/.test(name)) return Number(name);
  const found =
    kind === 'user' ? accounts.users.find((one) => one.name === name)?.uid : accounts.groups.find((one) => one.name === name)?.gid;
  if (found === undefined) throw new Error(`no ${kind} is called ${name}`);
  return found;
}

/** The bits of `rwxr-sr-t`, the type letter in front. */
export function bitsOf(mode: string): number {
  let bits = 0;
  for (let at = 1; at <= 9; at += 1) {
    const letter = mode.charAt(at);
    if (letter !== '-' && letter !== 'S' && letter !== 'T') bits |= 1 << (9 - at);
    if (letter === 's' || letter === 'S') bits |= at === 3 ? 0o4000 : 0o2000;
    if (letter === 't' || letter === 'T') bits |= 0o1000;
  }
  return bits;
}
