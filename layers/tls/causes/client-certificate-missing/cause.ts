import { defineCause } from '@why403/decision';
import { acceptedIn, byCaller, byOperator, detectFault } from '../sightings.ts';

/** The server insists on a client certificate, and none was presented. */
export const cause = defineCause({
  id: 'tls/client-certificate-missing',
  layer: 'tls',
  title: 'The server wants a client certificate, and none was presented',
  refines: [],
  needs: ['tls/client-verifications'],
  detect: (evidence) =>
    detectFault(evidence['tls/client-verifications'], 'missing', (one) => ({
      title: 'No client certificate was presented, and the server wants one',
      why: 'The server asks for a certificate in the TLS handshake. A client without one may finish the handshake, and is then turned away before any rule of the site is asked.',
      remedies: [
        byCaller(
          `Present a certificate of an authority ${acceptedIn(one)}.`,
          'Send the request with a client certificate (curl: --cert FILE --key FILE; a browser asks for one that was imported).',
        ),
        byOperator(
          'If clients without a certificate are meant to be let in as well, ask without insisting, and decide by the outcome where it matters: that opens everything else of this server to everybody.',
          'Make the verification optional, and refuse without a verified certificate in each location that needs one.',
        ),
      ],
    })),
});
