import { defineCause } from '@why403/decision';
import { placeOf, textOf } from '../quote.ts';
import { exceptInTable, reviseCondition } from '../returned/remedies.ts';
import { evidenceOf, ledByTable } from '../returned/shape.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/geo-map-block',
  layer: 'server',
  title: 'A map or geo block gives the value that refuses',
  refines: ['nginx/return-403'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'return', (item, all) => {
      const led = ledByTable(item);
      if (led?.directive == null) return null;
      const { condition, rule } = item.refusal;
      const except = exceptInTable(item, led, all);
      return {
        title: `$${led.variable} is "${led.value}" by ${placeOf(led.entry ?? led.directive)}, and ${textOf(rule)} at ${placeOf(rule)} refuses it`,
        why: `The ${led.directive.name} block at ${placeOf(led.directive)} computes $${led.variable} from ${led.from.map((name) => `$${name}`).join(', ') || 'the request'}; the return answers before any other rule is looked at.`,
        evidence: evidenceOf(item),
        remedies: except === null ? [reviseCondition(condition ?? rule)] : [except],
      };
    }),
});
