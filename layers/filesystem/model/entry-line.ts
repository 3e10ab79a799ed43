import { groupName, userName } from './accounts.ts';
import type { Accounts } from './accounts.ts';
import type { AclEntry, Entry } from './tree.ts';

const LETTER = { file: '-', directory: 'd', symlink: 'l', fifo: 'p', socket: 's', character: 'c', block: 'b' } as const;

/** The mode as `ls -l` writes it: `drwxr-x---`, with setuid, setgid and sticky bits. */
export function modeText(entry: Pick<Entry, 'type' | 'mode'>): string {
  const { mode } = entry;
  const triple = (shift: number, special: boolean, set: string): string => {
    const bits = (mode >> shift) & 7;
    const last = special ? ((bits & 1) !== 0 ? set : set.toUpperCase()) : (bits & 1) !== 0 ? 'x' : '-';
    return `${(bits & 4) !== 0 ? 'r' : '-'}${(bits & 2) !== 0 ? 'w' : '-'}${last}`;
  };
  return (
    LETTER[entry.type] +
    triple(6, (mode & 0o4000) !== 0, 's') +
    triple(3, (mode & 0o2000) !== 0, 's') +
    triple(0, (mode & 0o1000) !== 0, 't')
  );
}

/** One line in the manner of `ls -ld`: `drwxr-x---+ alice www-data /srv/www -> target`. */
export function entryLine(path: string, entry: Entry, accounts: Accounts): string {
  const plus = entry.acl === null ? '' : '+';
  const link = entry.target === undefined ? '' : ` -> ${entry.target}`;
  return `${modeText(entry)}${plus} ${userName(accounts, entry.uid)} ${groupName(accounts, entry.gid)} ${path}${link}`;
}

/** Permissions as in an ACL: `r-x`. */
export function permissionText(permissions: number): string {
  return `${(permissions & 4) !== 0 ? 'r' : '-'}${(permissions & 2) !== 0 ? 'w' : '-'}${(permissions & 1) !== 0 ? 'x' : '-'}`;
}

/** One ACL entry as `getfacl` writes it: `user:www-data:r-x`. */
export function aclText(one: AclEntry, accounts: Accounts): string {
  const permissions = permissionText(one.permissions);
  switch (one.tag) {
    case 'user-owner':
      return `user::${permissions}`;
    case 'user':
      return `user:${userName(accounts, one.id ?? -1)}:${permissions}`;
    case 'group-owner':
      return `group::${permissions}`;
    case 'group':
      return `group:${groupName(accounts, one.id ?? -1)}:${permissions}`;
    case 'mask':
      return `mask::${permissions}`;
    case 'other':
      return `other::${permissions}`;
  }
}
