import { defineCause } from '@why403/decision';
import { blockAt, nameOf } from '../blocks.ts';
import { draftDenial } from '../denial/draft.ts';
import { placeOf, textOf } from '../quote.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/deny-rule',
  layer: 'server',
  title: 'A deny directive matches the client',
  refines: [],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'access-rule', (item, all) => {
      const { rule, client } = item.refusal;
      return draftDenial(item, all, {
        title: `${textOf(rule)} at ${placeOf(rule)} refuses ${client}`,
        why: `nginx asks the allow and deny directives in force in ${nameOf(blockAt(item.walk, item.check))} one after the other; the first that matches the client's address decides, and for ${client} that is a deny.`,
      });
    }),
});
