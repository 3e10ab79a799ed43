import { defineCause } from '@why403/decision';
import { draftLimit } from '../limits.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/limit-req-403',
  layer: 'server',
  title: 'Too many requests came in too short a time, and limit_req_status makes that a 403',
  refines: ['nginx/limit-req'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'limit', (item, all) =>
      item.refusal.of === 'requests' && item.refusal.status === 403 ? draftLimit(item, all) : null,
    ),
});
