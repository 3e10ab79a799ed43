import { defineCause } from '@why403/decision';
import { evidenceOf, indexLike, indexNames } from '../missing-index/facts.ts';
import { putIndex, tryName } from '../missing-index/remedies.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/index-name-mismatch',
  layer: 'server',
  title: 'The index file has a name or letter case that nginx does not try',
  refines: ['nginx/no-index'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'no-index', (item, all) => {
      const name = indexLike(item);
      if (name === null) return null;
      return {
        title: `${item.refusal.directory.replace(/\/*$/, '/')}${name} exists, but nginx tries only ${indexNames(item).join(', ')}`,
        why: 'File names are compared letter by letter. The directory holds what was meant as its index, under a name that the index directive does not list.',
        evidence: evidenceOf(item),
        remedies: [tryName(item, name, all), putIndex(item)],
      };
    }),
});
