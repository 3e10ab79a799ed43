import { defineCause } from '@why403/decision';
import { draftDenial } from '../denial/draft.ts';
import { placeOf, textOf } from '../quote.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/limit-except',
  layer: 'server',
  title: 'limit_except refuses this method',
  refines: ['nginx/deny-rule'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'access-rule', (item, all) => {
      const { limitExcept, rule, client } = item.refusal;
      if (item.refusal.within !== 'limit-except' || limitExcept === null) return null;
      return draftDenial(item, all, {
        title: `${textOf(limitExcept).replace(/ \{$/, '')} at ${placeOf(limitExcept)} refuses ${all.request.method} from ${client}`,
        why: `The block applies to every method it does not name (GET stands for HEAD too). ${all.request.method} is not named, so the rules inside decide, and ${textOf(rule)} at ${placeOf(rule)} matches.`,
      });
    }),
});
