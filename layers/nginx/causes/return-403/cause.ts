import { defineCause } from '@why403/decision';
import { blockAt, nameOf } from '../blocks.ts';
import { placeOf, textOf } from '../quote.ts';
import { admitThroughReturn, reviseCondition } from '../returned/remedies.ts';
import { conditionWords, evidenceOf } from '../returned/shape.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/return-403',
  layer: 'server',
  title: 'A return directive refuses',
  refines: [],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'return', (item, all) => {
      const { rule, condition } = item.refusal;
      return {
        title: `${textOf(rule)} at ${placeOf(rule)} refuses${conditionWords(item)}`,
        why: `nginx runs return in ${nameOf(blockAt(item.walk, item.check))} in its rewrite phase, before allow, deny, passwords and files are looked at. It leaves no line in the error log.`,
        evidence: evidenceOf(item),
        remedies: condition === null ? admitThroughReturn(item, all) : [reviseCondition(condition)],
      };
    }),
});
