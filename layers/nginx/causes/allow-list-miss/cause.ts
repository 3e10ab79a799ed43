import { defineCause } from '@why403/decision';
import { draftDenial } from '../denial/draft.ts';
import { isAllowListMiss, isSatisfyAllConflict } from '../denial/shape.ts';
import { placeOf, textOf } from '../quote.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/allow-list-miss',
  layer: 'server',
  title: "The client's address is not on the list of allowed addresses",
  refines: ['nginx/deny-rule'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'access-rule', (item, all) => {
      // That the list holds for some methods only, or that a password was given in vain, says more than that somebody isn't on it.
      if (!isAllowListMiss(item) || item.refusal.within === 'limit-except' || isSatisfyAllConflict(item, all)) return null;
      const { rule, client } = item.refusal;
      return draftDenial(item, all, {
        title: `${client} is on no allow line, so ${textOf(rule)} at ${placeOf(rule)} refuses it`,
        why: `An allow list admits only the addresses it names and ends in ${textOf(rule)}. nginx took the client's address to be ${client}, which none of the allow directives covers.`,
      });
    }),
});
