import type { Evidence, Remedy, Some } from '@why403/decision';
import { groupName, userName } from '../model/accounts.ts';
import type { Encounter, ObstacleEncounter, Obstacles, Role } from '../model/encounter.ts';
import { modeText } from '../model/entry-line.ts';
import { openings } from '../model/opening.ts';
import { secretLike } from '../model/secret-like.ts';
import type { Entry, Obstacle } from '../model/tree.ts';
import { fileEvidence, keep } from './sightings.ts';

/** A permission bit that the kernel missed on one file. */
export interface RefusedBit {
  readonly encounter: ObstacleEncounter;
  readonly path: string;
  readonly entry: Entry;
  readonly needs: 'search' | 'read';
  readonly class: NonNullable<Obstacle['class']>;
}

/** The refused bit of an encounter, or null when something else than a permission bit refused. */
export function refusedBit(encounter: Encounter): RefusedBit | null {
  if (encounter.kind !== 'obstacle') return null;
  const { errno, path, entry, needs, class: consulted } = encounter.obstacle;
  if (errno !== 'EACCES' || entry === null || consulted === null || (needs !== 'search' && needs !== 'read')) return null;
  return { encounter, path, entry, needs, class: consulted };
}

/** Why the worker ends up with the class of permission that lacks the bit. */
export function classSays(bit: RefusedBit, all: Obstacles): string {
  const worker = all.identity.user;
  const owner = userName(all.accounts, bit.entry.uid);
  const group = groupName(all.accounts, bit.entry.gid);
  const lack = bit.needs === 'search' ? 'search (x)' : 'read (r)';
  switch (bit.class) {
    case 'owner':
      return `${worker} owns it, so only the owner's bits count, and they lack ${lack}`;
    case 'group':
      return `${worker} is in its group ${group}, so the group's bits count, and they lack ${lack}`;
    case 'other':
      return `${worker} is neither its owner ${owner} nor in its group ${group}, so the bits for others count, and they lack ${lack}`;
    case 'acl-user':
      return `its access ACL has an entry for ${worker}, which lacks ${lack}`;
    case 'acl-group':
      return `its access ACL has an entry for a group of ${worker}, and none of these grants ${lack}`;
    case 'acl-mask':
      return `its access ACL grants nothing beyond its mask, and the mask lacks ${lack}`;
  }
}

export function bitEvidence(bit: RefusedBit, all: Obstacles): Evidence {
  return fileEvidence(bit.path, bit.entry, all, `${modeText(bit.entry)}: ${classSays(bit, all)}.`);
}

/** Grants the bit to the fewest, or keeps the refusal of what looks secret. */
export function bitRemedies(bit: RefusedBit, all: Obstacles): Some<Remedy> {
  const secret = secretOf(bit);
  if (secret !== null) return [keep(`${secret}: that it can't be read over the web is right. Leave it as it is.`)];
  return openings({
    path: bit.path,
    entry: bit.entry,
    want: bit.needs,
    identity: all.identity,
    accounts: all.accounts,
    acls: bit.encounter.acls,
  });
}

/** What the server itself must read, such as a password file, isn't handed out by being read. */
function secretOf(bit: RefusedBit): string | null {
  return bit.encounter.role === 'support' ? null : (secretLike(bit.encounter.path) ?? secretLike(bit.path));
}

/** What the server wanted, as the end of a sentence. */
export function purpose(role: Role, path: string): string {
  switch (role) {
    case 'content':
      return `to serve ${path}`;
    case 'index':
      return `to serve the index file ${path}`;
    case 'listing':
      return `to list ${path}`;
    case 'support':
      return `to read ${path}, which the server itself needs`;
  }
}
