import { defineCause } from '@why403/decision';
import { byOperator, detectFault } from '../sightings.ts';

/** The list of revoked certificates is out of date or lacks an authority: then every client certificate is refused. */
export const cause = defineCause({
  id: 'tls/revocation-list-unusable',
  layer: 'tls',
  title: 'The list of revoked client certificates is out of date or incomplete',
  refines: [],
  needs: ['tls/client-verifications'],
  detect: (evidence) =>
    detectFault(evidence['tls/client-verifications'], 'revocation-list', ({ result, revocation }) => {
      const words = result.kind === 'failed' && result.words !== null ? ` ("${result.words}")` : '';
      return {
        title: `The server's list of revoked certificates can't be used${words}, so it refuses every client certificate`,
        why: 'A list of revoked certificates (CRL) has a day until which it counts, and the server needs one of every authority in the chain. Without a list that counts, nothing is known of a certificate, and all are refused.',
        evidence: revocation === null ? [] : [revocation],
        remedies: [
          byOperator(
            'Fetch the current list of each authority in the chain, and do so again before each runs out.',
            'Look at the day of the next update with openssl crl -noout -nextupdate -in FILE; put the lists of all authorities of the chain into the one file, then reload the server.',
          ),
        ],
      };
    }),
});
