import { defineCause } from '@why403/decision';
import { byCaller, detectFault, nameOf } from '../sightings.ts';

/** The certificate's extended key usage lacks client authentication. */
export const cause = defineCause({
  id: 'tls/client-certificate-wrong-usage',
  layer: 'tls',
  title: 'The client certificate was not issued for clients',
  refines: [],
  needs: ['tls/client-verifications'],
  detect: (evidence) =>
    detectFault(evidence['tls/client-verifications'], 'wrong-usage', ({ certificate }) => ({
      title: `${nameOf(certificate)} was not issued for use by a client`,
      why: `A certificate may bound what it is for (extended key usage, RFC 5280 §4.2.1.12)${certificate?.usages == null ? '' : `; this one is for ${certificate.usages.map(usageName).join(', ')}`}. A client's must hold clientAuth, or no bounds at all.`,
      remedies: [
        byCaller(
          'Have a certificate issued with the extended key usage clientAuth; one made for a server (serverAuth) will not do.',
          'Look at what it is for with openssl x509 -noout -ext extendedKeyUsage -in FILE, and ask the authority for one with clientAuth.',
        ),
      ],
    })),
});

const USAGES: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'serverAuth',
  '1.3.6.1.5.5.7.3.2': 'clientAuth',
  '1.3.6.1.5.5.7.3.3': 'codeSigning',
  '1.3.6.1.5.5.7.3.4': 'emailProtection',
  '1.3.6.1.5.5.7.3.8': 'timeStamping',
  '1.3.6.1.5.5.7.3.9': 'OCSPSigning',
};

function usageName(oid: string): string {
  return USAGES[oid] ?? oid;
}
