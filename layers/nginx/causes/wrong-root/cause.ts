import { defineCause } from '@why403/decision';
import { evidenceOf, indexLike, publicDirectoryBelow } from '../missing-index/facts.ts';
import { moveRoot, putIndex } from '../missing-index/remedies.ts';
import { placeOf, textOf } from '../quote.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/wrong-root',
  layer: 'server',
  title: 'The root points beside the directory that holds the pages',
  refines: ['nginx/no-index'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'no-index', (item, all) => {
      const below = publicDirectoryBelow(item, all);
      if (below === null || indexLike(item) !== null) return null;
      const { root, directory } = item.refusal;
      return {
        title: `The pages are in ${directory.replace(/\/*$/, '/')}${below.name}, but ${root === null ? 'the root' : `${textOf(root)} at ${placeOf(root)}`} points at ${directory}`,
        why: `${directory} itself has no index file; ${below.name}/${below.index} right below it does. Many applications keep only that directory public.`,
        evidence: evidenceOf(item),
        remedies: [moveRoot(item, below.name, all) ?? putIndex(item), putIndex(item)],
      };
    }),
});
