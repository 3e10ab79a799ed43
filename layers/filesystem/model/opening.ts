import { isSome } from '@why403/decision';
import type { Remedy, Some } from '@why403/decision';
import { groupName, identityOf, membersOf, userName } from './accounts.ts';
import type { Accounts } from './accounts.ts';
import { afterCommand } from './carry-out.ts';
import { permissionText } from './entry-line.ts';
import { isInGroup, permit, READ, SEARCH, WRITE } from './permission.ts';
import type { Entry, Identity } from './tree.ts';

/** A wish to let one identity read or search one file or directory. */
export interface Wish {
  readonly path: string;
  readonly entry: Entry;
  readonly want: 'read' | 'search';
  readonly identity: Identity;
  readonly accounts: Accounts;
  /** Whether an access ACL can be set there; null when nobody knows. */
  readonly acls: boolean | null;
}

/** A way to grant a wish, with everyone else who gains by it. */
interface Opening {
  readonly argvs: Some<Some<string>>;
  readonly say: string;
  /** How many other local accounts gain the permission. */
  readonly others: number;
}

/**
 * Ways to grant exactly one permission bit on one file, the one that opens it to the fewest other local accounts
 * first and, among equals, the more easily undone. Never recursive, never write, never more than the one bit.
 */
export function openings(wish: Wish): Some<Remedy> {
  const ways = [forOwner(wish), forGroup(wish), forAcl(wish), forNewGroup(wish), forOthers(wish)];
  const working = ways.filter((way) => way !== null).filter((way) => helps(way, wish));
  const remedies = working.toSorted((a, b) => a.others - b.others).map(remedyOf);
  return isSome(remedies) ? remedies : [byHand(wish)];
}

/** Held against the kernel's own rule: what the file would be afterwards must grant the bit. */
function helps(way: Opening, wish: Wish): boolean {
  let entry: Entry | null = wish.entry;
  for (const argv of way.argvs) entry = entry === null ? null : afterCommand(entry, argv, wish.accounts);
  return entry !== null && permit(entry, wish.identity, bitOf(wish).bit).verdict === 'granted';
}

/** Nothing lifts it by one bit for one account: somebody has to decide about the others. */
function byHand(wish: Wish): Remedy {
  const { verb } = bitOf(wish);
  const { path, identity, entry } = wish;
  const text =
    entry.acl === null
      ? `Let ${identity.user} ${verb} ${path} by the means that its file system offers.`
      : `Write the access ACL of ${path} anew so that ${identity.user} may ${verb} it: the present one (getfacl ${path}) can't be changed without changing what others may do.`;
  return { who: 'operator', say: text, apply: 'by-hand', steps: [{ kind: 'manual', text }] };
}

function remedyOf(way: Opening): Remedy {
  return { who: 'operator', say: way.say, apply: 'review', steps: way.argvs.map((argv) => ({ kind: 'command', argv })) };
}

function bitOf(wish: Wish): { letter: 'r' | 'x'; bit: number; verb: string } {
  return wish.want === 'search' ? { letter: 'x', bit: SEARCH, verb: 'enter' } : { letter: 'r', bit: READ, verb: 'read' };
}

/** The owner is held to the owner bits: neither group, others nor an ACL can help it. */
function forOwner(wish: Wish): Opening | null {
  if (wish.entry.uid !== wish.identity.uid) return null;
  const { letter, verb } = bitOf(wish);
  return {
    argvs: [['chmod', `u+${letter}`, wish.path]],
    say: `Let the owner, ${wish.identity.user}, ${verb} ${wish.path}; nobody else gains anything.`,
    others: 0,
  };
}

/** With an ACL, the group bits of the mode are its mask: chmod g+ would open more than it says. */
function forGroup(wish: Wish): Opening | null {
  const { entry, identity, accounts, path } = wish;
  if (entry.acl !== null || !isInGroup(identity, entry.gid)) return null;
  const { letter, verb } = bitOf(wish);
  const group = groupName(accounts, entry.gid);
  const others = (membersOf(accounts, entry.gid) ?? []).filter((name) => name !== identity.user && !isOwner(wish, name));
  return {
    argvs: [['chmod', `g+${letter}`, path]],
    say: `Let the group ${group}, which ${identity.user} belongs to, ${verb} ${path}${othersSay(others.length)}.`,
    others: others.length,
  };
}

function forAcl(wish: Wish): Opening | null {
  const { entry, identity, path, acls } = wish;
  if (acls === false || entry.acl === 'unread') return null;
  const { bit, verb } = bitOf(wish);
  const held = [READ, WRITE, SEARCH].reduce(
    (sum, one) => sum | (permit(entry, { ...identity, bypass: false }, one).verdict === 'granted' ? one : 0),
    0,
  );
  const own = permissionText(held | bit);
  const room = maskFor(wish, held);
  if (room === null) return null;
  const { mask, others } = room;
  // -n with a mask of our own: setfacl would otherwise widen it to everything that entries were ever given.
  const words = `u:${identity.uid === Number(identity.user) ? identity.uid : identity.user}:${own}`;
  const argv: Some<string> =
    entry.acl === null ? ['setfacl', '-m', words, path] : ['setfacl', '-n', '-m', `${words},m::${permissionText(mask)}`, path];
  return { argvs: [argv], say: `Let ${identity.user} alone ${verb} ${path}, by an access ACL entry${othersSay(others)}.`, others };
}

/**
 * The mask that is needed, and how many other entries come to hold the bit because of it. Null when the ACL can't
 * be touched without changing more: the kernel passes over an ACL whose mask is empty, and it would come alive for
 * everybody; and what the worker has now by the bits for others, the mask may not hold.
 */
function maskFor(wish: Wish, held: number): { mask: number; others: number } | null {
  const { acl } = wish.entry;
  const { bit } = bitOf(wish);
  if (acl === null || acl === 'unread') return { mask: held | bit, others: 0 };
  const now = acl.find((one) => one.tag === 'mask')?.permissions ?? 7;
  if (now === 0 || (held & ~now) !== 0) return null;
  const gaining = acl.filter(
    (one) => (one.tag === 'user' || one.tag === 'group' || one.tag === 'group-owner') && (one.permissions & bit) !== 0,
  );
  const others = gaining.reduce((sum, one) => sum + (one.tag === 'user' ? Number(one.id !== wish.identity.uid) : 1), 0);
  return { mask: now | bit, others: (now & bit) === 0 ? others : 0 };
}

/**
 * Only where nobody but the new group notices: the old group's members must not lose what they have, nor become
 * others where others have more; and the new group must not inherit more than the one bit.
 */
function forNewGroup(wish: Wish): Opening | null {
  const { entry, identity, accounts, path } = wish;
  if (entry.acl !== null || isInGroup(identity, entry.gid)) return null;
  const { letter, verb, bit } = bitOf(wish);
  const groupBits = (entry.mode >> 3) & 7;
  const otherBits = entry.mode & 7;
  if ((groupBits & ~(bit | otherBits)) !== 0 || (otherBits & ~groupBits) !== 0) return null;
  const members = (membersOf(accounts, entry.gid) ?? ['?']).filter((name) => !isOwner(wish, name) && name !== 'root');
  if (groupBits !== otherBits && members.length > 0) return null;
  const group = groupName(accounts, identity.gid);
  const others = (membersOf(accounts, identity.gid) ?? []).filter((name) => name !== identity.user && !isOwner(wish, name)).length;
  const chgrp: Some<string> = ['chgrp', group, path];
  return {
    argvs: (groupBits & bit) === 0 ? [chgrp, ['chmod', `g+${letter}`, path]] : [chgrp],
    say: `Give ${path} to the group ${group} and let that group ${verb} it${othersSay(others)}.`,
    others,
  };
}

function forOthers(wish: Wish): Opening {
  const { entry, identity, accounts, path } = wish;
  const { letter, verb, bit } = bitOf(wish);
  const gaining = accounts.users.filter((user) => {
    const as = identityOf(accounts, user.name);
    return (
      as !== null &&
      user.uid !== identity.uid &&
      permit(entry, as, bit).verdict === 'refused' &&
      permit({ ...entry, mode: entry.mode | bit }, as, bit).verdict === 'granted'
    );
  });
  return {
    argvs: [['chmod', `o+${letter}`, path]],
    say: `Let every local account ${verb} ${path}.`,
    others: Math.max(gaining.length, 1),
  };
}

function isOwner(wish: Wish, name: string): boolean {
  return userName(wish.accounts, wish.entry.uid) === name;
}

function othersSay(others: number): string {
  if (others === 0) return '; no other account gains anything';
  return others === 1 ? '; one other account or group gains the same' : `; ${others} other accounts or groups gain the same`;
}
