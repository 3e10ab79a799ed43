import type { Accounts } from './accounts.ts';
import type { IdMap } from './tree.ts';

export function parseIdMap(text: string): IdMap {
  return text.split('\n').flatMap((line) => {
    const [inside, outside, length] = line.trim().split(/\s+/).map(Number);
    return inside === undefined || outside === undefined || length === undefined || Number.isNaN(length)
      ? []
      : [{ inside, outside, length }];
  });
}

/** Whether the map leaves every id as it is: the process isn't in a user namespace of its own. */
export function isIdentity(map: IdMap): boolean {
  return map.every((range) => range.inside === range.outside) && map.some((range) => range.inside === 0 && range.length >= 0xffff_fffe);
}

/** The id outside the namespace that an id inside stands for, or null when it isn't mapped. */
export function outsideOf(map: IdMap, inside: number): number | null {
  const range = map.find((one) => inside >= one.inside && inside < one.inside + one.length);
  return range === undefined ? null : range.outside + (inside - range.inside);
}

/** The id inside the namespace for one outside, or null when it shows there only as the overflow id. */
export function insideOf(map: IdMap, outside: number): number | null {
  const range = map.find((one) => outside >= one.outside && outside < one.outside + one.length);
  return range === undefined ? null : range.inside + (outside - range.outside);
}

/** A container's user database with the numbers that its users have on the host. Unmapped accounts are left out. */
export function accountsOutside(accounts: Accounts, uids: IdMap, gids: IdMap): Accounts {
  return {
    users: accounts.users.flatMap((user) => {
      const uid = outsideOf(uids, user.uid);
      const gid = outsideOf(gids, user.gid);
      return uid === null || gid === null ? [] : [{ ...user, uid, gid }];
    }),
    groups: accounts.groups.flatMap((group) => {
      const gid = outsideOf(gids, group.gid);
      return gid === null ? [] : [{ ...group, gid }];
    }),
  };
}
