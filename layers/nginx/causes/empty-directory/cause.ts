import { defineCause } from '@why403/decision';
import { evidenceOf, indexNames } from '../missing-index/facts.ts';
import { putIndex } from '../missing-index/remedies.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/empty-directory',
  layer: 'server',
  title: 'The directory is empty',
  refines: ['nginx/no-index'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'no-index', (item) =>
      item.refusal.names?.length === 0
        ? {
            title: `${item.refusal.directory} is empty: there is no ${indexNames(item).join(' or ')} to show`,
            why: 'Nothing was deployed here, a volume is not mounted, or the root names another directory than the one that was filled.',
            evidence: evidenceOf(item),
            remedies: [putIndex(item)],
          }
        : null,
    ),
});
