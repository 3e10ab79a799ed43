import { defineCause } from '@why403/decision';
import { acceptedIn, byCaller, byOperator, detectFault, nameOf } from '../sightings.ts';

/** No chain of signatures leads from the certificate to an authority that the server accepts. */
export const cause = defineCause({
  id: 'tls/client-certificate-untrusted',
  layer: 'tls',
  title: 'The client certificate comes from no authority that the server trusts',
  refines: [],
  needs: ['tls/client-verifications'],
  detect: (evidence) =>
    detectFault(evidence['tls/client-verifications'], 'untrusted', (one) => {
      const { certificate, result, authorities } = one;
      const words = result.kind === 'failed' && result.words !== null ? ` ("${result.words}")` : '';
      const issuer = certificate === null ? 'its issuer' : certificate.issuer;
      const isTooLong = result.kind === 'failed' && (result.number === 22 || /chain too long/.test(result.words ?? ''));
      return {
        title: `${nameOf(certificate)} does not lead to an authority that the server trusts${words}`,
        why: isTooLong
          ? 'More certificates stand between it and the authority than the server looks at.'
          : `Every certificate between the client's own and one of the authorities ${acceptedIn(one)} must be known: the client sends those in between, the server has the last one.`,
        remedies: [
          byCaller(
            `Present a certificate of an authority ${acceptedIn(one)}, together with every certificate between the two.`,
            'Put the certificates in between behind the own one in the same file, and name that file (curl: --cert FILE).',
          ),
          isTooLong
            ? byOperator(
                'Let the server look further along the chain.',
                'Raise the depth of the verification (nginx: ssl_verify_depth) to the number of authorities in between.',
              )
            : byOperator(
                `Add the authority ${issuer} to those the server accepts, if everybody whom it certifies is meant to be let in.`,
                `Append the certificate of ${issuer} to ${authorities?.file ?? 'the file of accepted authorities'} and reload the server.`,
              ),
        ],
      };
    }),
});
