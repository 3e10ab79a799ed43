import { defineCause } from '@why403/decision';
import { draftLimit } from '../limits.ts';
import { detectRefusals } from '../sightings.ts';

/** Whatever status the limit answers with: 503 by nature. */
export const cause = defineCause({
  id: 'nginx/limit-req',
  layer: 'server',
  title: 'Too many requests came in too short a time',
  refines: [],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'limit', (item, all) => (item.refusal.of === 'requests' ? draftLimit(item, all) : null)),
});
