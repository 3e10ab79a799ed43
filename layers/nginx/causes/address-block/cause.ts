import { defineCause } from '@why403/decision';
import { placeOf, textOf } from '../quote.ts';
import { exceptInTable, reviseCondition } from '../returned/remedies.ts';
import { evidenceOf, ledBy } from '../returned/shape.ts';
import { detectRefusals } from '../sightings.ts';

const ADDRESS = new Set(['remote_addr', 'binary_remote_addr', 'realip_remote_addr']);

export const cause = defineCause({
  id: 'nginx/address-block',
  layer: 'server',
  title: "A rule keyed on the client's address refuses",
  refines: ['nginx/geo-map-block', 'nginx/return-403'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'return', (item, all) => {
      const led = ledBy(item, (variable) => ADDRESS.has(variable));
      if (led === null) return null;
      const { condition, rule } = item.refusal;
      const client = item.walk.client.address;
      const except = exceptInTable(item, led, all);
      const place = led.entry ?? led.directive ?? condition ?? rule;
      return {
        title: `${client} is refused by its address: ${textOf(place)} at ${placeOf(place)}`,
        why: `The value that leads to ${textOf(rule)} at ${placeOf(rule)} is computed from the client's address, which nginx took to be ${client}.`,
        evidence: evidenceOf(item),
        remedies: except === null ? [reviseCondition(condition ?? rule)] : [except],
      };
    }),
});
