import { defineCause } from '@why403/decision';
import { bitEvidence, bitRemedies, classSays, purpose, refusedBit } from '../refused-bit.ts';
import { detectEncounters } from '../sightings.ts';

/** Every directory on the way lets the worker through, but the file itself may not be read. */
export const cause = defineCause({
  id: 'filesystem/file-unreadable',
  layer: 'filesystem',
  title: 'The file may not be read by the server',
  refines: [],
  needs: ['filesystem/obstacles'],
  detect: (evidence) =>
    detectEncounters(evidence['filesystem/obstacles'], (encounter, all) => {
      const bit = refusedBit(encounter);
      if (bit === null || bit.needs !== 'read' || bit.entry.type === 'directory') return null;
      return {
        title: `${all.identity.user} may not read ${bit.path}`,
        why: `The server opens the file ${purpose(encounter.role, encounter.path)}. Its directories let it through, but the file does not: ${classSays(bit, all)}.`,
        evidence: [bitEvidence(bit, all)],
        remedies: bitRemedies(bit, all),
      };
    }),
});
