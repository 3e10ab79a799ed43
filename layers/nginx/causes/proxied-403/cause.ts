import { defineCause } from '@why403/decision';
import { placeOf, quote, textOf } from '../quote.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/proxied-403',
  layer: 'server',
  title: 'What is behind nginx refused; nginx only passed it on',
  refines: [],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'upstream', (item) => {
      const { rule } = item.refusal;
      const target = rule.args[0] ?? 'what is behind it';
      return {
        title: `nginx passed the request on to ${target} (${placeOf(rule)}), and the refusal came from there`,
        why: 'Every check of nginx was passed. A status that an upstream answers goes to the client as it is, and nginx writes nothing about it into its error log.',
        evidence: [quote(rule, 'The request is handed on here.')],
        remedies: [
          {
            who: 'operator',
            say: `Look behind nginx: ask ${target} the same request directly, and read its log at that time.`,
            apply: 'by-hand',
            steps: [
              {
                kind: 'manual',
                text: `Run why403 diagnose on the machine of ${target} with the same request; ${textOf(rule)} leads there.`,
              },
            ],
          },
        ],
      };
    }),
});
