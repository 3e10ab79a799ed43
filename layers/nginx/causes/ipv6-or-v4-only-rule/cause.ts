import { defineCause } from '@why403/decision';
import { draftDenial } from '../denial/draft.ts';
import { isOneFamilyOnly } from '../denial/shape.ts';
import { placeOf, textOf } from '../quote.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/ipv6-or-v4-only-rule',
  layer: 'server',
  title: 'The allow list names addresses of one family, and the client came with the other',
  refines: ['nginx/allow-list-miss', 'nginx/deny-rule'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'access-rule', (item, all) => {
      if (!isOneFamilyOnly(item)) return null;
      const { rule, client } = item.refusal;
      const [came, listed] = client.includes(':') ? ['IPv6', 'IPv4'] : ['IPv4', 'IPv6'];
      return draftDenial(item, all, {
        title: `The client came over ${came} (${client}), but every allow line before ${textOf(rule)} at ${placeOf(rule)} is ${listed}`,
        why: `nginx keeps separate rules for the two address families. The same machine that is allowed by its ${listed} address is refused as soon as it connects over ${came}.`,
      });
    }),
});
