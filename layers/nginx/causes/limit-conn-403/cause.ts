import { defineCause } from '@why403/decision';
import { draftLimit } from '../limits.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/limit-conn-403',
  layer: 'server',
  title: 'Too many connections are open at once, and limit_conn_status makes that a 403',
  refines: ['nginx/limit-conn'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'limit', (item, all) =>
      item.refusal.of === 'connections' && item.refusal.status === 403 ? draftLimit(item, all) : null,
    ),
});
