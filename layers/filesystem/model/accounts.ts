import type { Identity } from './tree.ts';

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

export interface Group {
  readonly name: string;
  readonly gid: number;
  /** Names of supplementary members; those who have it as their primary group aren't listed. */
  readonly members: readonly string[];
}

/** The user database of one view of the system. */
export interface Accounts {
  readonly users: readonly User[];
  readonly groups: readonly Group[];
}

export const NO_ACCOUNTS: Accounts = { users: [], groups: [] };

/** Reads passwd(5) and group(5); lines that aren't in the format (comments, NIS markers) are passed over. */
export function parseAccounts(passwd: string, group: string): Accounts {
  return { users: rowsOf(passwd).flatMap(userOf), groups: rowsOf(group).flatMap(groupOf) };
}

function rowsOf(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !/^[#+-]/.test(line))
    .map((line) => line.split(':'));
}

function userOf(row: readonly string[]): User[] {
  const [name, , uid, gid, , home, shell] = row;
  if (name === undefined || name === '' || !isNumber(uid) || !isNumber(gid)) return [];
  return [{ name, uid: Number(uid), gid: Number(gid), home: home ?? '', shell: shell ?? '' }];
}

function groupOf(row: readonly string[]): Group[] {
  const [name, , gid, members] = row;
  if (name === undefined || name === '' || !isNumber(gid)) return [];
  return [{ name, gid: Number(gid), members: (members ?? '').split(',').filter((member) => member !== '') }];
}

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d+$/.test(text);
}

/** The account's numbers with every group it would log in with, or null when the database doesn't hold it. */
export function identityOf(accounts: Accounts, name: string): Identity | null {
  const user = accounts.users.find((one) => one.name === name) ?? accounts.users.find((one) => String(one.uid) === name);
  if (user === undefined) return null;
  const groups = accounts.groups.filter((one) => one.members.includes(user.name)).map((one) => one.gid);
  return { user: user.name, uid: user.uid, gid: user.gid, groups: [...new Set([user.gid, ...groups])] };
}

/** The user's name, or the number as text when the database has none. */
export function userName(accounts: Accounts, uid: number): string {
  return accounts.users.find((one) => one.uid === uid)?.name ?? String(uid);
}

/** The group's name, or the number as text when the database has none. */
export function groupName(accounts: Accounts, gid: number): string {
  return accounts.groups.find((one) => one.gid === gid)?.name ?? String(gid);
}

/** Names of everyone in the group, primary members included; null when the database doesn't know the group. */
export function membersOf(accounts: Accounts, gid: number): readonly string[] | null {
  const listed = accounts.groups.filter((one) => one.gid === gid);
  if (listed.length === 0) return null;
  const primary = accounts.users.filter((one) => one.gid === gid).map((one) => one.name);
  return [...new Set([...primary, ...listed.flatMap((one) => one.members)])];
}

/** As a reader wants it: `www-data (uid 33, groups www-data, ssl-cert)`. */
export function identityName(identity: Identity, accounts: Accounts = NO_ACCOUNTS): string {
  const all = [...new Set([identity.gid, ...identity.groups])].map((gid) => groupName(accounts, gid));
  return `${identity.user} (uid ${identity.uid}, ${all.length === 1 ? 'group' : 'groups'} ${all.join(', ')})`;
}
