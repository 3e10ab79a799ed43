import { defineCause } from '@why403/decision';
import type { Remedy, Some } from '@why403/decision';
import type { Obstacles } from '../../model/encounter.ts';
import { hidingOf } from '../../model/sandbox.ts';
import { bitEvidence, bitRemedies, classSays, refusedBit } from '../refused-bit.ts';
import type { RefusedBit } from '../refused-bit.ts';
import { byHand, detectEncounters } from '../sightings.ts';

/** What is served lies in somebody's home directory, and the home is closed to others, as new ones are. */
export const cause = defineCause({
  id: 'filesystem/userdir-home-700',
  layer: 'filesystem',
  title: "What is served lies in a home directory that only its owner's accounts may enter",
  refines: ['filesystem/no-search-permission'],
  needs: ['filesystem/obstacles', 'kernel/sandbox'],
  detect: (evidence) => {
    const sandbox = evidence['kernel/sandbox'];
    return detectEncounters(evidence['filesystem/obstacles'], (encounter, all) => {
      const bit = refusedBit(encounter);
      if (bit === null || bit.needs !== 'search' || !isHome(bit, all)) return null;
      if (sandbox.state === 'gathered' && hidingOf(sandbox.value, bit.path) !== null) return null;
      return {
        title: `${bit.path} is a home directory that ${all.identity.user} may not enter`,
        why: `Homes are made closed to others by many systems (mode 700 or 750), and ${encounter.path} lies inside one: ${classSays(bit, all)}.`,
        evidence: [bitEvidence(bit, all)],
        remedies: remediesFor(bit, all),
      };
    });
  },
});

function isHome(bit: RefusedBit, all: Obstacles): boolean {
  return all.accounts.users.some((user) => user.home === bit.path) || /^\/home\/[^/]+$/.test(bit.path) || bit.path === '/root';
}

function remediesFor(bit: RefusedBit, all: Obstacles): Some<Remedy> {
  const [least, ...more] = bitRemedies(bit, all);
  if (least.apply === 'none') return [least];
  const move = byHand(
    'Keep the home closed and serve from elsewhere.',
    `Move what is served out of ${bit.path}, for instance to /srv/www, and point the server's root there.`,
  );
  // root's home holds keys and histories of root: a site does not belong there.
  return bit.path === '/root' ? [move, least, ...more] : [least, move, ...more];
}
