import { defineCause } from '@why403/decision';
import type { Evidence } from '@why403/decision';
import { aclText } from '../../model/entry-line.ts';
import { permit, READ, SEARCH } from '../../model/permission.ts';
import type { Obstacles } from '../../model/encounter.ts';
import { bitEvidence, bitRemedies, classSays, refusedBit } from '../refused-bit.ts';
import type { RefusedBit } from '../refused-bit.ts';
import { detectEncounters } from '../sightings.ts';

/** An access ACL decides: an entry for the worker, one for its groups, or the mask over them. */
export const cause = defineCause({
  id: 'filesystem/acl-denies',
  layer: 'filesystem',
  title: 'An access ACL refuses the server, whatever the mode bits seem to say',
  refines: ['filesystem/file-unreadable', 'filesystem/no-search-permission'],
  needs: ['filesystem/obstacles'],
  detect: (evidence) =>
    detectEncounters(evidence['filesystem/obstacles'], (encounter, all) => {
      const bit = refusedBit(encounter);
      if (bit === null || bit.entry.acl === null || !isDecidedByAcl(bit, all)) return null;
      return {
        title: `The access ACL of ${bit.path} refuses ${all.identity.user}`,
        why: `ls shows only a + for it: ${classSays(bit, all)}. Where an ACL matches, the bits for others are not asked any more.`,
        evidence: [bitEvidence(bit, all), aclEvidence(bit, all)],
        remedies: bitRemedies(bit, all),
      };
    }),
});

/** Whether the mode bits without the ACL would say otherwise, or the ACL's own entries are what refuses. */
function isDecidedByAcl(bit: RefusedBit, all: Obstacles): boolean {
  if (bit.class.startsWith('acl-')) return true;
  if (bit.class === 'owner' || bit.entry.acl === 'unread') return false;
  const want = bit.needs === 'search' ? SEARCH : READ;
  return permit({ ...bit.entry, acl: null }, all.identity, want).verdict === 'granted';
}

function aclEvidence(bit: RefusedBit, all: Obstacles): Evidence {
  const { acl } = bit.entry;
  const text =
    acl === null || acl === 'unread' ? 'an access ACL that could not be read' : acl.map((one) => aclText(one, all.accounts)).join(',');
  const says = acl === 'unread' ? 'The group bits of the mode show its mask.' : 'The whole access ACL, as getfacl shows it.';
  return { kind: 'file', file: bit.path, text, says, audience: 'operator' };
}
