import { defineCause } from '@why403/decision';
import { placeOf, quote, textOf } from '../quote.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/auth-request-403',
  layer: 'server',
  title: 'The service behind auth_request said no',
  refines: [],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'auth-request', (item) => {
      const { rule, answered } = item.refusal;
      return {
        title:
          answered === null
            ? `${textOf(rule)} at ${placeOf(rule)} asks another service, which may have refused`
            : `${textOf(rule)} at ${placeOf(rule)} asked another service, which answered ${answered}`,
        why: 'nginx asks the service with a sub-request of its own and passes 401 and 403 on to the client. Nothing is written to the error log; the reason is known to that service alone.',
        evidence: [quote(rule, 'This sub-request decides whether the request may go on.')],
        remedies: [
          {
            who: 'operator',
            say: `Look at the log of the service behind ${rule.args[0] ?? 'auth_request'} at the time of the request: which session, token or rule made it refuse.`,
            apply: 'by-hand',
            steps: [{ kind: 'manual', text: `Ask the service behind ${rule.args[0] ?? 'auth_request'} why it refused.` }],
          },
        ],
      };
    }),
});
