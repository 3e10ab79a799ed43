import { defineCause } from '@why403/decision';
import { evidenceOf, indexLike, publicDirectoryBelow } from '../missing-index/facts.ts';
import { listDirectory, putIndex } from '../missing-index/remedies.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/autoindex-off',
  layer: 'server',
  title: 'A directory full of files was asked for, and listing is off',
  refines: ['nginx/no-index'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'no-index', (item, all) => {
      const { names, directory, tryFiles } = item.refusal;
      const wanted = names !== null && names.length > 0 && indexLike(item) === null && publicDirectoryBelow(item, all) === null;
      // The site's root, or a directory that try_files stumbled on, was hardly asked for to see its listing.
      if (!wanted || tryFiles !== null || all.request.target.replace(/\?.*$/s, '') === '/') return null;
      const list = listDirectory(item, all);
      return {
        title: `${directory} holds files but no index, and nginx does not list directories unless told`,
        why: 'autoindex is off by default. A URL that ends in / then needs an index file.',
        evidence: evidenceOf(item),
        remedies: list === null ? [putIndex(item)] : [list, putIndex(item)],
        weight: 0.98,
      };
    }),
});
