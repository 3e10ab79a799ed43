import { defineCause } from '@why403/decision';
import { placeOf, textOf } from '../quote.ts';
import { evidenceOf, ledBy } from '../returned/shape.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/mtls-return-403',
  layer: 'server',
  title: "A rule on the client certificate's verification refuses",
  refines: ['nginx/geo-map-block', 'nginx/return-403'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'return', (item, all) => {
      if (ledBy(item, (variable) => variable.startsWith('ssl_client_')) === null) return null;
      const { rule } = item.refusal;
      const verify = all.request.tls?.clientVerify ?? 'NONE';
      return {
        title: `$ssl_client_verify is "${verify}", and ${textOf(rule)} at ${placeOf(rule)} refuses that`,
        why:
          verify === 'NONE'
            ? 'The client presented no certificate. The server asks for one without insisting (ssl_verify_client optional), and this rule insists.'
            : 'The certificate that the client presented was not accepted; the reason stands behind FAILED.',
        evidence: evidenceOf(item),
        remedies: [
          {
            who: 'caller',
            say: "Present a client certificate that chains to the server's ssl_client_certificate and is within its time of validity.",
            apply: 'by-hand',
            steps: [{ kind: 'manual', text: 'Send the request with a client certificate (curl: --cert FILE --key FILE).' }],
          },
        ],
      };
    }),
});
