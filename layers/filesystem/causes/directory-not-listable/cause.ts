import { defineCause } from '@why403/decision';
import { bitEvidence, bitRemedies, classSays, refusedBit } from '../refused-bit.ts';
import { detectEncounters } from '../sightings.ts';

/** A listing is switched on, but the worker may not read the directory's names. */
export const cause = defineCause({
  id: 'filesystem/directory-not-listable',
  layer: 'filesystem',
  title: 'The directory may be entered, but its names may not be listed by the server',
  refines: [],
  needs: ['filesystem/obstacles'],
  detect: (evidence) =>
    detectEncounters(evidence['filesystem/obstacles'], (encounter, all) => {
      const bit = refusedBit(encounter);
      if (bit === null || bit.needs !== 'read' || bit.entry.type !== 'directory') return null;
      return {
        title: `${all.identity.user} may not list ${bit.path}`,
        why: `The server is set to show the directory's names, and reading them needs read (r) on the directory itself: ${classSays(bit, all)}.`,
        evidence: [bitEvidence(bit, all)],
        remedies: bitRemedies(bit, all),
      };
    }),
});
