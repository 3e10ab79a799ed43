import { insideOf } from './id-map.ts';
import type { AclEntry, Entry, Identity, PermissionClass } from './tree.ts';

/** Permission bits as in one octal digit of a mode. */
export const READ = 4;
export const WRITE = 2;
export const SEARCH = 1;

/** What the kernel says to one use of one file, and which class of permission it consulted. */
export type Permission =
  | { readonly verdict: 'granted'; readonly class: PermissionClass | 'bypass' }
  | { readonly verdict: 'refused'; readonly class: PermissionClass; readonly acl: AclEntry | null }
  | { readonly verdict: 'unknown'; readonly missing: string };

/** Whether permission bits don't bind this identity for reading and searching. */
export function canBypass(identity: Identity): boolean {
  return identity.bypass ?? identity.uid === 0;
}

/** capable_wrt_inode_uidgid(): capabilities of a user namespace reach only files of ids that it maps. */
function isMapped(entry: Entry, { bypassWithin }: Identity): boolean {
  if (bypassWithin === undefined) return true;
  return insideOf(bypassWithin.uids, entry.uid) !== null && insideOf(bypassWithin.gids, entry.gid) !== null;
}

/** Whether the identity is a member of the group, as its primary or a supplementary one. */
export function isInGroup(identity: Identity, gid: number): boolean {
  return identity.gid === gid || identity.groups.includes(gid);
}

/**
 * Decides on one file as Linux' generic_permission() does (fs/namei.c): one class is chosen first and never
 * falls through to a wider one. `want` is a sum of READ, WRITE and SEARCH.
 */
export function permit(entry: Entry, identity: Identity, want: number): Permission {
  const decided = byClass(entry, identity, want);
  if (decided.verdict === 'granted' || !canBypass(identity) || !isMapped(entry, identity)) return decided;
  // capabilities(7): CAP_DAC_OVERRIDE lifts read, write and search of directories; running a file still needs
  // one execute bit somewhere.
  const runs = entry.type !== 'directory' && (want & SEARCH) !== 0;
  if (runs && (entry.mode & 0o111) === 0) return decided;
  return { verdict: 'granted', class: 'bypass' };
}

function byClass(entry: Entry, identity: Identity, want: number): Permission {
  if (entry.uid === identity.uid) return fromBits(entry.mode >> 6, want, 'owner');
  // acl_permission_check(): an ACL is consulted only when the group bits, which show its mask, aren't all zero.
  if (entry.acl !== null && (entry.mode & 0o070) !== 0) {
    return entry.acl === 'unread' ? fromUnreadAcl(entry, want) : fromAcl(entry.acl, entry, identity, want);
  }
  if (isInGroup(identity, entry.gid)) return fromBits(entry.mode >> 3, want, 'group');
  return fromBits(entry.mode, want, 'other');
}

function fromBits(bits: number, want: number, consulted: PermissionClass): Permission {
  return (bits & want) === want ? { verdict: 'granted', class: consulted } : { verdict: 'refused', class: consulted, acl: null };
}

/** posix_acl_permission() of fs/posix_acl.c; the order of acl(5), whatever the order of the list. */
function fromAcl(acl: readonly AclEntry[], entry: Entry, identity: Identity, want: number): Permission {
  const named = acl.find((one) => one.tag === 'user' && one.id === identity.uid);
  if (named !== undefined) return throughMask(acl, named, want, 'acl-user');

  const groups = acl.filter((one) => isGroupOf(one, entry, identity));
  // Any one matching group entry that grants everything is enough, but only before the mask is laid over it.
  const granting = groups.find((one) => (one.permissions & want) === want);
  if (granting !== undefined) {
    return throughMask(acl, granting, want, granting.tag === 'group' ? 'acl-group' : 'group');
  }
  const refusing = groups[0];
  if (refusing !== undefined) {
    const byName = groups.find((one) => one.tag === 'group');
    return { verdict: 'refused', class: byName ? 'acl-group' : 'group', acl: byName ?? refusing };
  }
  const other = acl.find((one) => one.tag === 'other');
  return fromBits(other?.permissions ?? entry.mode & 7, want, 'other');
}

function isGroupOf(one: AclEntry, entry: Entry, identity: Identity): boolean {
  if (one.tag === 'group-owner') return isInGroup(identity, entry.gid);
  return one.tag === 'group' && one.id !== undefined && isInGroup(identity, one.id);
}

function throughMask(acl: readonly AclEntry[], granted: AclEntry, want: number, consulted: PermissionClass): Permission {
  if ((granted.permissions & want) !== want) return { verdict: 'refused', class: consulted, acl: granted };
  const mask = acl.find((one) => one.tag === 'mask');
  if (mask === undefined || (mask.permissions & want) === want) return { verdict: 'granted', class: consulted };
  return { verdict: 'refused', class: 'acl-mask', acl: granted };
}

/** The group bits show the mask: what neither it nor `other` holds is refused whatever the entries say. */
function fromUnreadAcl(entry: Entry, want: number): Permission {
  const either = ((entry.mode >> 3) | entry.mode) & 7;
  if ((either & want) !== want) return { verdict: 'refused', class: 'acl-mask', acl: null };
  return { verdict: 'unknown', missing: 'its access ACL could not be read' };
}
