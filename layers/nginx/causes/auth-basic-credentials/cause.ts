import { defineCause } from '@why403/decision';
import { placeOf, quote, textOf } from '../quote.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/auth-basic-credentials',
  layer: 'server',
  title: 'A password is asked for and none that fits was sent',
  refines: [],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'auth-basic-credentials', (item) => {
      const { rule, given } = item.refusal;
      return {
        title: given
          ? `The password or the user name does not fit the file behind ${textOf(rule)} at ${placeOf(rule)}`
          : `${textOf(rule)} at ${placeOf(rule)} asks for a password and none was sent`,
        why: 'This is a 401, not a 403: nginx does not know yet who asks, and says in WWW-Authenticate how to tell it.',
        evidence: [
          quote(
            rule,
            given
              ? 'The credentials were held against the file behind this.'
              : 'Without an Authorization header nginx answers before it opens the password file.',
          ),
        ],
        remedies: [
          {
            who: 'caller',
            say: given ? 'Log in with an account that is in the password file.' : 'Send a user name and a password.',
            apply: 'by-hand',
            steps: [{ kind: 'manual', text: 'Send credentials with the request (curl: -u USER, which asks for the password).' }],
          },
        ],
      };
    }),
});
