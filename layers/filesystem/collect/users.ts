import { identityOf, isIdentity, NO_ACCOUNTS, parseAccounts, SnapshotTree } from '../index.ts';
import type { Accounts, Identity } from '../index.ts';
import { readFileSync } from 'node:fs';
import { run } from './run.ts';
import { gatherUserNamespace } from './sandbox.ts';
import { surveyNames } from './survey.ts';
import type { View } from './view.ts';

/**
 * The user database of a view: its own /etc/passwd and /etc/group. `null` files leave it empty with a sentence.
 */
export function readAccounts(view: View): { readonly accounts: Accounts; readonly blind: readonly string[] } {
  const tree = new SnapshotTree();
  const { answer, blind } = surveyNames(view, tree, () => ({ passwd: tree.read('/etc/passwd'), group: tree.read('/etc/group') }));
  if (answer.passwd === null) {
    return { accounts: NO_ACCOUNTS, blind: [...blind, `the user database of ${view.name} (/etc/passwd) could not be read`] };
  }
  return { accounts: parseAccounts(answer.passwd, answer.group ?? ''), blind };
}

/**
 * The account `name` of a view. On this machine, accounts that live elsewhere (LDAP, sssd) are asked for with
 * getent. Null when nobody knows it.
 */
export async function identityNamed(view: View, accounts: Accounts, name: string): Promise<Identity | null> {
  const local = identityOf(accounts, name);
  if (local !== null || view.root !== '' || name.startsWith('-')) return local;
  const [passwd, groups] = await Promise.all([run('getent', ['passwd', name]), run('id', ['-G', '--', name])]);
  const found = identityOf(parseAccounts(passwd.stdout, ''), name);
  if (found === null) return null;
  const gids = groups.code === 0 ? groups.stdout.trim().split(/\s+/).map(Number) : [];
  return { ...found, groups: [...new Set([found.gid, ...gids])] };
}

/** CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of linux/capability.h. */
const BYPASSING = (1n << 1n) | (1n << 2n);

/** The numbers a running process really has, from /proc/PID/status; null when it is gone. */
export async function identityOfProcess(pid: number, accounts: Accounts): Promise<Identity | null> {
  try {
    const identity = identityFromStatus(readFileSync(`/proc/${pid}/status`, 'utf8'), accounts);
    const namespace = identity?.bypass === true ? await gatherUserNamespace(pid) : null;
    if (identity === null || namespace?.state !== 'gathered') return identity;
    const { uids, gids } = namespace.value;
    return isIdentity(uids) && isIdentity(gids) ? identity : { ...identity, bypassWithin: { uids, gids } };
  } catch {
    return null; // the process ended, or /proc hides it
  }
}

/** Reads the file-system ids (the fourth of Uid and Gid), the groups and the effective capabilities of proc(5)'s status. */
export function identityFromStatus(status: string, accounts: Accounts): Identity | null {
  const field = (name: string): readonly string[] => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim().split(/\s+/) ?? [];
  const uid = Number(field('Uid')[3]);
  const gid = Number(field('Gid')[3]);
  if (!Number.isInteger(uid) || !Number.isInteger(gid)) return null;
  const groups = field('Groups')
    .filter((one) => one !== '')
    .map(Number);
  const [effective = ''] = field('CapEff');
  const user = accounts.users.find((one) => one.uid === uid)?.name ?? String(uid);
  const known = { user, uid, gid, groups };
  return /^[0-9a-f]+$/.test(effective) ? { ...known, bypass: (BigInt(`0x${effective}`) & BYPASSING) !== 0n } : known;
}
