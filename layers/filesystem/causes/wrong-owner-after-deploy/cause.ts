import { defineCause } from '@why403/decision';
import { groupName, membersOf, userName } from '../../model/accounts.ts';
import type { Accounts } from '../../model/accounts.ts';
import type { Obstacles } from '../../model/encounter.ts';
import { modeText } from '../../model/entry-line.ts';
import { isServerAccount } from '../../model/server-accounts.ts';
import { bitEvidence, bitRemedies, refusedBit } from '../refused-bit.ts';
import type { RefusedBit } from '../refused-bit.ts';
import { detectEncounters } from '../sightings.ts';

/** The mode means the owner or group to read it, but these are the deployer's: no server account is among them. */
export const cause = defineCause({
  id: 'filesystem/wrong-owner-after-deploy',
  layer: 'filesystem',
  title: 'The file belongs to whoever put it there, and no server account shares its owner or group',
  refines: ['filesystem/file-unreadable'],
  needs: ['filesystem/obstacles'],
  detect: (evidence) =>
    detectEncounters(evidence['filesystem/obstacles'], (encounter, all) => {
      const bit = refusedBit(encounter);
      if (bit === null || encounter.role === 'support' || !isDeployersOwn(bit, all)) return null;
      const owner = userName(all.accounts, bit.entry.uid);
      const group = groupName(all.accounts, bit.entry.gid);
      return {
        title: `${bit.path} belongs to ${owner}:${group}, which no server account is part of`,
        why: `${modeText(bit.entry)} lets only its owner and group read it. That fits a file that was copied or unpacked by ${owner} with a strict umask; ${all.identity.user} counts as one of the others.`,
        evidence: [bitEvidence(bit, all)],
        remedies: bitRemedies(bit, all),
      };
    }),
});

function isDeployersOwn(bit: RefusedBit, all: Obstacles): boolean {
  const { entry } = bit;
  if (bit.needs !== 'read' || entry.type !== 'file' || bit.class !== 'other' || entry.acl !== null) return false;
  // Somebody is meant to read it: the owner, and perhaps the group. A file without any r bit is another matter.
  if ((entry.mode & 0o400) === 0) return false;
  // root's ownership is how content ought to be kept: then the mode is what is wrong.
  if (entry.uid === 0) return false;
  return !isServerAccount(userName(all.accounts, entry.uid)) && !hasServerMember(all.accounts, entry.gid);
}

function hasServerMember(accounts: Accounts, gid: number): boolean {
  const members = membersOf(accounts, gid) ?? [];
  return isServerAccount(groupName(accounts, gid)) || members.some(isServerAccount);
}
