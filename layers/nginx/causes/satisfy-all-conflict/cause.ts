import { defineCause } from '@why403/decision';
import { draftDenial } from '../denial/draft.ts';
import { isSatisfyAllConflict } from '../denial/shape.ts';
import { blockAt, inherited, nameOf } from '../blocks.ts';
import { placeOf, quote, textOf } from '../quote.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/satisfy-all-conflict',
  layer: 'server',
  title: 'A password was given, but satisfy all wants the address to be allowed as well',
  refines: ['nginx/deny-rule'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'access-rule', (item, all) => {
      if (!isSatisfyAllConflict(item, all)) return null;
      const { rule, client } = item.refusal;
      const block = blockAt(item.walk, item.check);
      const basic = inherited(block, 'auth_basic');
      return draftDenial(
        item,
        all,
        {
          title: `${textOf(rule)} at ${placeOf(rule)} refuses ${client} before its password is looked at`,
          why: `${nameOf(block)} asks for an allowed address and a password. With satisfy all, nginx's default, both must pass, and the address is asked first. If either should be enough, that is satisfy any.`,
        },
        basic === null ? {} : { evidence: [quote(basic, 'This password check is never reached.')] },
      );
    }),
});
