import { defineCause } from '@why403/decision';
import { parentOf } from '../../model/path.ts';
import { bitEvidence, bitRemedies, classSays, refusedBit } from '../refused-bit.ts';
import { detectEncounters } from '../sightings.ts';

/** A directory was asked for, its index file is there, and the worker may not read that file. */
export const cause = defineCause({
  id: 'filesystem/index-file-unreadable',
  layer: 'filesystem',
  title: 'The index file is there, but may not be read by the server',
  refines: ['filesystem/file-unreadable'],
  needs: ['filesystem/obstacles'],
  detect: (evidence) =>
    detectEncounters(evidence['filesystem/obstacles'], (encounter, all) => {
      const bit = refusedBit(encounter);
      if (bit === null || encounter.role !== 'index' || bit.needs !== 'read' || bit.entry.type === 'directory') return null;
      return {
        title: `${all.identity.user} may not read the index file ${bit.path}`,
        why: `The request is for the directory ${parentOf(encounter.path)}. The server chose its index file, which exists, and then could not open it: ${classSays(bit, all)}. It does not go on to the next index name.`,
        evidence: [bitEvidence(bit, all)],
        remedies: bitRemedies(bit, all),
      };
    }),
});
