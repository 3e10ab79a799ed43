import { defineCause } from '@why403/decision';
import { byCaller, day, detectFault, nameOf } from '../sightings.ts';

/** The certificate, or one of its chain, is past its last day or before its first. */
export const cause = defineCause({
  id: 'tls/client-certificate-expired',
  layer: 'tls',
  title: 'The client certificate has expired, or is not valid yet',
  refines: [],
  needs: ['tls/client-verifications'],
  detect: (evidence) =>
    detectFault(evidence['tls/client-verifications'], 'expired', (one) => {
      const { certificate, result, time } = one;
      const said = result.kind === 'failed' ? (result.number ?? result.words ?? '') : '';
      const isEarly = certificate === null ? /not yet valid|^9$|^13$/.test(String(said)) : time < certificate.notBefore;
      const when =
        certificate === null
          ? ''
          : isEarly
            ? ` (its first day is ${day(certificate.notBefore)})`
            : ` (its last day was ${day(certificate.notAfter)})`;
      return {
        title: `${nameOf(certificate)} ${isEarly ? 'is not valid yet' : 'has expired'}${when}`,
        why: "The server holds the certificate's time of validity, and that of every certificate in its chain, against its own clock.",
        remedies: [
          isEarly
            ? byCaller(
                'Wait until the certificate is valid, or set right whichever clock is wrong: that of the authority or that of the server.',
                'Compare the first day of the certificate (openssl x509 -noout -dates -in FILE) with the clock of the server.',
              )
            : byCaller(
                'Renew the certificate at the authority that issued it.',
                'Look at the days of each certificate in the chain (openssl x509 -noout -dates -in FILE), and have the one that ended renewed.',
              ),
        ],
      };
    }),
});
