import { access } from './access.ts';
import type { Accounts } from './accounts.ts';
import { isExtended, parseAcl } from './acl-text.ts';
import type { NumberOf } from './acl-text.ts';
import { changed } from './snapshot-tree.ts';
import type { AclEntry, Entry, FileTree, Identity, Look } from './tree.ts';

const ANYONE: Identity = { user: 'root', uid: 0, gid: 0, groups: [], bypass: true };

/**
 * What a command would make of a tree: chmod, chown, chgrp and `setfacl [-n] -m` on paths that were seen, links
 * followed unless `-h` says otherwise. Null for any other command or form, and for accounts that aren't known:
 * the tree after it can't be told.
 */
export function carryOut(tree: FileTree, argv: readonly string[], accounts: Accounts): FileTree | null {
  const command = commandOf(argv, accounts);
  if (command === null) return null;
  const changes = new Map<string, Look>();
  for (const path of command.paths) {
    const place = access(tree, ANYONE, path, argv.includes('-h') ? 'lstat' : 'stat');
    const entry = place.verdict === 'granted' ? command.apply(place.entry) : null;
    if (place.verdict !== 'granted' || entry === null) return null;
    changes.set(place.real, { state: 'present', entry });
  }
  return changed(tree, changes);
}

/** What one command would make of an entry that it names; null when that can't be told. */
export function afterCommand(entry: Entry, argv: readonly string[], accounts: Accounts): Entry | null {
  return commandOf(argv, accounts)?.apply(entry) ?? null;
}

interface Command {
  readonly paths: readonly string[];
  readonly apply: (entry: Entry) => Entry | null;
}

type Change = (entry: Entry, word: string, numberOf: NumberOf) => Entry | null;

function commandOf(argv: readonly string[], accounts: Accounts): Command | null {
  const [program = '', ...rest] = argv;
  const numberOf = numbersOf(accounts);
  const after = (change: Change, [word, ...paths]: readonly string[]): Command | null =>
    word === undefined || word.startsWith('-') ? null : { paths, apply: (entry) => change(entry, word, numberOf) };
  const words = rest.filter((word) => word !== '--');
  switch (program) {
    case 'chmod':
      return after(chmod, words);
    case 'chgrp':
    case 'chown':
      return after(
        program === 'chgrp' ? chgrp : chown,
        words.filter((word) => word !== '-h'),
      );
    case 'setfacl': {
      const keepsMask = words[0] === '-n';
      const [modify, ...spec] = keepsMask ? words.slice(1) : words;
      return modify === '-m' ? after(keepsMask ? setfaclKeepingMask : setfacl, spec) : null;
    }
    default:
      return null;
  }
}

function numbersOf(accounts: Accounts): NumberOf {
  return (kind, name) => {
    if (/^\d+$/.test(name)) return Number(name);
    const found =
      kind === 'user' ? accounts.users.find((one) => one.name === name)?.uid : accounts.groups.find((one) => one.name === name)?.gid;
    return found ?? null;
  };
}

/** chmod(1): an octal mode, or symbolic clauses with explicit classes such as `o+x,g=rX`. */
function chmod(entry: Entry, how: string): Entry | null {
  if (/^[0-7]{3,4}$/.test(how)) return withMode(entry, Number.parseInt(how, 8));
  let { mode } = entry;
  for (const clause of how.split(',')) {
    // Without a class the umask has a say, which isn't known here.
    const [, classes, operator = '', letters = ''] = /^([ugoa]+)([-+=])([rwxX]*)$/.exec(clause) ?? [];
    if (classes === undefined) return null;
    const bits = bitsOf(letters, entry, mode);
    for (const shift of shiftsOf(classes)) {
      if (operator === '=') mode &= ~(7 << shift);
      mode = operator === '-' ? mode & ~(bits << shift) : mode | (bits << shift);
    }
  }
  return withMode(entry, mode);
}

/** `X` is search for directories, and execute for files that somebody may already execute. */
function bitsOf(letters: string, entry: Entry, mode: number): number {
  const runs = letters.includes('x') || (letters.includes('X') && (entry.type === 'directory' || (mode & 0o111) !== 0));
  return (letters.includes('r') ? 4 : 0) | (letters.includes('w') ? 2 : 0) | (runs ? 1 : 0);
}

function shiftsOf(classes: string): readonly number[] {
  const all = classes.includes('a') ? 'ugo' : classes;
  return [...all].map((one) => (one === 'u' ? 6 : one === 'g' ? 3 : 0));
}

/** On a file with an ACL the group bits are its mask, acl(5). */
function withMode(entry: Entry, mode: number): Entry | null {
  if (entry.acl === null) return { ...entry, mode };
  if (entry.acl === 'unread') return null;
  const acl = entry.acl.map((one): AclEntry => {
    if (one.tag === 'mask') return { ...one, permissions: (mode >> 3) & 7 };
    if (one.tag === 'user-owner') return { ...one, permissions: (mode >> 6) & 7 };
    return one.tag === 'other' ? { ...one, permissions: mode & 7 } : one;
  });
  return { ...entry, mode, acl };
}

function chgrp(entry: Entry, group: string, numberOf: NumberOf): Entry | null {
  const gid = numberOf('group', group);
  return gid === null ? null : { ...entry, gid };
}

/** chown(1) as `user`, `user:group` or `:group`. */
function chown(entry: Entry, spec: string, numberOf: NumberOf): Entry | null {
  const [user = '', group = ''] = spec.split(':');
  const uid = user === '' ? entry.uid : numberOf('user', user);
  const gid = group === '' ? entry.gid : numberOf('group', group);
  return uid === null || gid === null ? null : { ...entry, uid, gid };
}

/** setfacl(1) -m: unless the words name a mask, it is recomputed as the union of the group class. */
function setfacl(entry: Entry, spec: string, numberOf: NumberOf): Entry | null {
  const merged = mergedAcl(entry, spec, numberOf);
  if (merged === null) return null;
  const recomputes = isExtended(merged) && !/(?:^|,)m/.test(spec);
  return settled(entry, recomputes ? withNewMask(merged) : merged);
}

function setfaclKeepingMask(entry: Entry, spec: string, numberOf: NumberOf): Entry | null {
  const merged = mergedAcl(entry, spec, numberOf);
  // Without any mask yet, setfacl adds one even so: named entries can't be without.
  return merged === null ? null : settled(entry, merged.some((one) => one.tag === 'mask') ? merged : withNewMask(merged));
}

function mergedAcl(entry: Entry, spec: string, numberOf: NumberOf): readonly AclEntry[] | null {
  const wanted = entry.acl === 'unread' ? null : parseAcl(spec, numberOf);
  if (wanted === null || entry.acl === 'unread') return null;
  const base = entry.acl ?? minimal(entry.mode);
  return [...base.filter((one) => !wanted.some((other) => other.tag === one.tag && other.id === one.id)), ...wanted];
}

function minimal(mode: number): readonly AclEntry[] {
  return [
    { tag: 'user-owner', permissions: (mode >> 6) & 7 },
    { tag: 'group-owner', permissions: (mode >> 3) & 7 },
    { tag: 'other', permissions: mode & 7 },
  ];
}

/** acl_calc_mask(3). */
function withNewMask(acl: readonly AclEntry[]): readonly AclEntry[] {
  const groupClass = acl.filter((one) => one.tag === 'user' || one.tag === 'group' || one.tag === 'group-owner');
  const permissions = groupClass.reduce((sum, one) => sum | one.permissions, 0);
  return [...acl.filter((one) => one.tag !== 'mask'), { tag: 'mask', permissions }];
}

/** The mode bits follow the ACL: group bits show the mask when there is one. */
function settled(entry: Entry, acl: readonly AclEntry[]): Entry {
  const of = (tag: AclEntry['tag']): number => acl.find((one) => one.tag === tag)?.permissions ?? 0;
  const group = acl.some((one) => one.tag === 'mask') ? of('mask') : of('group-owner');
  const mode = (entry.mode & 0o7000) | (of('user-owner') << 6) | (group << 3) | of('other');
  return { ...entry, mode, acl: isExtended(acl) ? acl : null };
}
