import { defineCause } from '@why403/decision';
import { admitClient } from '../denial/remedies.ts';
import { draftDenial } from '../denial/draft.ts';
import { hiddenAllow } from '../denial/shape.ts';
import { placeOf, textOf } from '../quote.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/deny-before-allow',
  layer: 'server',
  title: 'An earlier deny hides a later allow for the same client',
  refines: ['nginx/deny-rule'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'access-rule', (item, all) => {
      const allow = hiddenAllow(item);
      if (allow === null) return null;
      const { rule, client } = item.refusal;
      return draftDenial(
        item,
        all,
        {
          title: `${textOf(rule)} at ${placeOf(rule)} comes before ${textOf(allow)} at ${placeOf(allow)}`,
          why: `The first rule that matches decides. ${client} is meant to be allowed by ${textOf(allow)}, but the deny before it matches too and is asked first.`,
        },
        { remedies: admitClient(item, all) },
      );
    }),
});
