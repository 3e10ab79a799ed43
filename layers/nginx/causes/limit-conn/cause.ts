import { defineCause } from '@why403/decision';
import { draftLimit } from '../limits.ts';
import { detectRefusals } from '../sightings.ts';

/** Whatever status the limit answers with: 503 by nature. */
export const cause = defineCause({
  id: 'nginx/limit-conn',
  layer: 'server',
  title: 'Too many connections are open at once',
  refines: [],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'limit', (item, all) => (item.refusal.of === 'connections' ? draftLimit(item, all) : null)),
});
