import { defineCause } from '@why403/decision';
import { placeOf, quote, textOf } from '../quote.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/dav-refused',
  layer: 'server',
  title: 'The WebDAV module refuses this operation',
  refines: [],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'module', (item, all) => {
      const { rule, module } = item.refusal;
      if (module !== 'dav') return null;
      return {
        title: `${all.request.method} ${all.request.target} is refused by the WebDAV module (${textOf(rule)} at ${placeOf(rule)})`,
        why: 'COPY and MOVE onto the very same path are refused, and so is what the worker may not write.',
        evidence: [quote(rule, 'WebDAV methods are switched on here.')],
        remedies: [
          {
            who: 'caller',
            say: 'Name a Destination that differs from the source and that the server may write.',
            apply: 'by-hand',
            steps: [{ kind: 'manual', text: 'Send the request with another Destination header.' }],
          },
        ],
      };
    }),
});
