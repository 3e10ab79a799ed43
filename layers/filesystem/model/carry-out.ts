import type { Accounts } from './accounts.ts';
import { changed } from './snapshot-tree.ts';
import type { AclEntry, Entry, FileTree, Look } from './tree.ts';

/**
 * What a command would make of a tree: chmod, chown, chgrp and `setfacl -m` on single paths. Null for any
 * other command, or one whose accounts aren't known: the tree after it can't be told.
 */
export function carryOut(tree: FileTree, argv: readonly string[], accounts: Accounts): FileTree | null {
  const [program, ...rest] = argv;
  const words = rest.filter((word) => word !== '--' && word !== '-h');
  const change = changeOf(program ?? '', words, accounts);
  if (change === null) return null;
  const changes = new Map<string, Look>();
  for (const path of change.paths) {
    const look = tree.look(path);
    if (look.state !== 'present') return null;
    const entry = change.apply(look.entry);
    if (entry === null) return null;
    changes.set(path, { state: 'present', entry });
  }
  return changed(tree, changes);
}

/** What one command would make of one entry it names; null when that can't be told. */
export function afterCommand(entry: Entry, argv: readonly string[], accounts: Accounts): Entry | null {
  const [program, ...rest] = argv;
  const change = changeOf(
    program ?? '',
    rest.filter((word) => word !== '--' && word !== '-h'),
    accounts,
  );
  return change === null ? null : change.apply(entry);
}

interface Change {
  readonly paths: readonly string[];
  readonly apply: (entry: Entry) => Entry | null;
}

function changeOf(program: string, words: readonly string[], accounts: Accounts): Change | null {
  switch (program) {
    case 'chmod': {
      const [mode, ...paths] = words;
      return mode === undefined ? null : { paths, apply: (entry) => withMode(entry, mode) };
    }
    case 'chgrp': {
      const [group, ...paths] = words;
      const gid = groupId(accounts, group ?? '');
      return gid === null ? null : { paths, apply: (entry) => ({ ...entry, gid }) };
    }
    case 'chown': {
      const [owner, ...paths] = words;
      return { paths, apply: (entry) => withOwner(entry, owner ?? '', accounts) };
    }
    case 'setfacl': {
      const [flag, spec, ...paths] = words;
      return flag === '-m' && spec !== undefined ? { paths, apply: (entry) => withAcl(entry, spec, accounts) } : null;
    }
    default:
      return null;
  }
}

function userId(accounts: Accounts, name: string): number | null {
  if (/^\d+$/.test(name)) return Number(name);
  return accounts.users.find((user) => user.name === name)?.uid ?? null;
}

function groupId(accounts: Accounts, name: string): number | null {
  if (/^\d+$/.test(name)) return Number(name);
  return accounts.groups.find((group) => group.name === name)?.gid ?? null;
}

function withOwner(entry: Entry, spec: string, accounts: Accounts): Entry | null {
  const [user = '', group] = spec.split(':');
  const uid = user === '' ? entry.uid : userId(accounts, user);
  const gid = group === undefined || group === '' ? entry.gid : groupId(accounts, group);
  return uid === null || gid === null ? null : { ...entry, uid, gid };
}

const SHIFT = { u: 6, g: 3, o: 0 } as const;
const BIT: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1 };

/** `chmod` with an octal mode or symbolic clauses such as `o+x,g=rX` (POSIX chmod). */
function withMode(entry: Entry, spec: string): Entry | null {
  if (/^[0-7]{3,4}$/.test(spec)) return settle(entry, Number.parseInt(spec, 8));
  let mode = entry.mode;
  for (const clause of spec.split(',')) {
    const parts = /^([ugoa]*)([-+=])([rwxX]*)$/.exec(clause);
    if (parts === null) return null;
    const [, who = '', operator, permissions = ''] = parts;
    const classes =
      who === '' || who.includes('a') ? (['u', 'g', 'o'] as const) : (['u', 'g', 'o'] as const).filter((one) => who.includes(one));
    const bits = [...permissions].reduce((sum, letter) => sum | bitOf(letter, entry, mode), 0);
    for (const one of classes) {
      const mask = bits << SHIFT[one];
      if (operator === '+') mode |= mask;
      else if (operator === '-') mode &= ~mask;
      else mode = (mode & ~(7 << SHIFT[one])) | mask;
    }
  }
  return settle(entry, mode);
}

/** `X` is search for directories, and execute for files that someone may already execute. */
function bitOf(letter: string, entry: Entry, mode: number): number {
  if (letter !== 'X') return BIT[letter] ?? 0;
  return entry.type === 'directory' || (mode & 0o111) !== 0 ? 1 : 0;
}

/** With an ACL, the group bits of the mode are its mask (acl(5)). */
function settle(entry: Entry, mode: number): Entry | null {
  if (entry.acl === 'unread') return null;
  if (entry.acl === null) return { ...entry, mode };
  const acl = entry.acl.map((one): AclEntry => {
    if (one.tag === 'user-owner') return { ...one, permissions: (mode >> 6) & 7 };
    if (one.tag === 'mask') return { ...one, permissions: (mode >> 3) & 7 };
    return one.tag === 'other' ? { ...one, permissions: mode & 7 } : one;
  });
  return { ...entry, mode, acl };
}

/** `setfacl -m u:NAME:rx`: the mask becomes the union of all group-class entries, as setfacl does by itself. */
function withAcl(entry: Entry, spec: string, accounts: Accounts): Entry | null {
  if (entry.acl === 'unread') return null;
  let acl: readonly AclEntry[] = entry.acl ?? [
    { tag: 'user-owner', permissions: (entry.mode >> 6) & 7 },
    { tag: 'group-owner', permissions: (entry.mode >> 3) & 7 },
    { tag: 'other', permissions: entry.mode & 7 },
  ];
  for (const clause of spec.split(',')) {
    const parts = /^(u|user|g|group|m|mask):([^:]*):([rwxX-]*)$/.exec(clause);
    if (parts === null) return null;
    const [, kind = '', name = '', letters = ''] = parts;
    const permissions = [...letters].reduce((sum, letter) => sum | bitOf(letter, entry, entry.mode), 0);
    const one = entryOf(kind, name, permissions, accounts);
    if (one === null) return null;
    acl = [...acl.filter((other) => other.tag !== one.tag || other.id !== one.id), one];
  }
  const written = /(?:^|,)m/.test(spec) ? acl.find((one) => one.tag === 'mask') : undefined;
  const mask =
    written?.permissions ??
    acl.filter((one) => ['user', 'group', 'group-owner'].includes(one.tag)).reduce((sum, one) => sum | one.permissions, 0);
  const whole: readonly AclEntry[] = [...acl.filter((one) => one.tag !== 'mask'), { tag: 'mask', permissions: mask }];
  return { ...entry, acl: whole, mode: (entry.mode & ~0o070) | (mask << 3) };
}

function entryOf(kind: string, name: string, permissions: number, accounts: Accounts): AclEntry | null {
  if (kind.startsWith('m')) return { tag: 'mask', permissions };
  if (kind.startsWith('u')) {
    const id = userId(accounts, name);
    return name === '' ? { tag: 'user-owner', permissions } : id === null ? null : { tag: 'user', id, permissions };
  }
  const id = groupId(accounts, name);
  return name === '' ? { tag: 'group-owner', permissions } : id === null ? null : { tag: 'group', id, permissions };
}
