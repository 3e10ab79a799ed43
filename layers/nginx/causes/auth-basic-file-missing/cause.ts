import { defineCause } from '@why403/decision';
import { placeOf, quote, textOf } from '../quote.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/auth-basic-file-missing',
  layer: 'server',
  title: 'The password file does not exist',
  refines: [],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'auth-basic-file', (item) => {
      const { rule, path, obstacle } = item.refusal;
      // One that exists and may not be read is a 500 and the file system's.
      if (obstacle.errno !== 'ENOENT' && obstacle.errno !== 'ENOTDIR') return null;
      return {
        title: `${textOf(rule)} at ${placeOf(rule)} names a password file that does not exist: ${path}`,
        why: 'nginx opens the password file only once credentials are sent. When it is missing every login is refused with 403, while a request without credentials still gets the 401 that asks for them.',
        evidence: [
          quote(rule, 'The password file is named here.'),
          { kind: 'file', file: path, says: 'There is no such file.', audience: 'operator' },
        ],
        remedies: [
          {
            who: 'operator',
            say: `Create ${path} with the accounts that may enter, readable by the worker and by nobody else; the command asks for a password.`,
            apply: 'fill-in',
            steps: [{ kind: 'command', argv: ['htpasswd', '-c', path, 'USER'] }],
          },
        ],
      };
    }),
});
