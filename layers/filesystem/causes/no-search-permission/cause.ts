import { defineCause } from '@why403/decision';
import { hidingOf } from '../../model/sandbox.ts';
import { bitEvidence, bitRemedies, classSays, purpose, refusedBit } from '../refused-bit.ts';
import { detectEncounters } from '../sightings.ts';

/** A directory on the way lacks search for the worker: the first one that does, not the deepest path in the log. */
export const cause = defineCause({
  id: 'filesystem/no-search-permission',
  layer: 'filesystem',
  title: 'A directory on the way may not be entered by the server',
  refines: [],
  needs: ['filesystem/obstacles', 'kernel/sandbox'],
  detect: (evidence) => {
    const sandbox = evidence['kernel/sandbox'];
    return detectEncounters(evidence['filesystem/obstacles'], (encounter, all) => {
      const bit = refusedBit(encounter);
      if (bit === null || bit.needs !== 'search') return null;
      // A cover that the service manager laid over the directory isn't opened by its mode.
      if (sandbox.state === 'gathered' && hidingOf(sandbox.value, bit.path) !== null) return null;
      return {
        title: `${all.identity.user} may not enter ${bit.path}`,
        why: `${sentence(purpose(encounter.role, encounter.path))}, the server passes through every directory on the way. At ${bit.path} it is refused: ${classSays(bit, all)}.`,
        evidence: [bitEvidence(bit, all)],
        remedies: bitRemedies(bit, all),
      };
    });
  },
});

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
