import { defineCause } from '@why403/decision';
import { byCaller, detectFault, nameOf } from '../sightings.ts';

/** The server asks a list of revoked certificates, and the client's is on it. */
export const cause = defineCause({
  id: 'tls/client-certificate-revoked',
  layer: 'tls',
  title: 'The client certificate was revoked',
  refines: [],
  needs: ['tls/client-verifications'],
  detect: (evidence) =>
    detectFault(evidence['tls/client-verifications'], 'revoked', (one) => ({
      title: `${nameOf(one.certificate)} was revoked by its authority`,
      why: 'The server holds every client certificate against a list of those that their authority took back. Once on it, a certificate stays refused until its last day.',
      evidence: one.revocation === null ? [] : [one.revocation],
      remedies: [
        {
          who: 'operator',
          say: 'Keep this refusal: the authority took the certificate back, perhaps because its key became known.',
          apply: 'none',
          steps: [],
        },
        byCaller('Have a new certificate issued, with a new key.', 'Ask the authority why it revoked the certificate, and for a new one.'),
      ],
    })),
});
