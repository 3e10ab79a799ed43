import { defineCause } from '@why403/decision';
import { draftDenial } from '../denial/draft.ts';
import { isBehindIndexRedirect } from '../denial/shape.ts';
import { locationAt, nameOf } from '../blocks.ts';
import { placeOf, textOf } from '../quote.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/index-redirect-into-denied-location',
  layer: 'server',
  title: "The directory's index file leads into a location that refuses",
  refines: ['nginx/deny-rule'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'access-rule', (item, all) => {
      if (!isBehindIndexRedirect(item, all)) return null;
      const { rule, client } = item.refusal;
      const location = locationAt(item.walk, item.check);
      return draftDenial(item, all, {
        title: `The index file of ${all.request.target} is handled by ${nameOf(location)}, where ${textOf(rule)} at ${placeOf(rule)} refuses ${client}`,
        why: 'For a directory nginx redirects internally to the index file it found and chooses a location anew. The directory itself is not refused, and the error log names the directory, not the file.',
      });
    }),
});
