import { defineCause } from '@why403/decision';
import { evidenceOf, indexNames } from '../missing-index/facts.ts';
import { putIndex } from '../missing-index/remedies.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/no-index',
  layer: 'server',
  title: 'The directory has no index file and listing is off',
  refines: [],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'no-index', (item) => ({
      title: `${item.refusal.directory} has none of ${indexNames(item).join(', ')}, and listing is off`,
      why: 'The URL leads to a directory. nginx looks for an index file in it, finds none of the names it tries, and answers 403 because it may not list the directory either.',
      evidence: evidenceOf(item),
      remedies: [putIndex(item)],
    })),
});
