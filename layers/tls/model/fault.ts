import type { ClientVerification, PresentedCertificate } from './client-verification.ts';

/** What is wrong with a client's certificate. */
export type Fault = 'missing' | 'expired' | 'untrusted' | 'wrong-usage' | 'revoked' | 'revocation-list';

export interface Judged {
  readonly fault: Fault;
  /** 1 when the server said so itself; less when it was read off the certificate. */
  readonly weight: number;
}

/** OpenSSL's X509_V_ERR numbers (x509_vfy.h) by what they mean for the one who presents the certificate. */
const NUMBERS: readonly (readonly [Fault, readonly number[]])[] = [
  ['expired', [9, 10, 13, 14]],
  ['untrusted', [2, 4, 6, 7, 18, 19, 20, 21, 22, 24, 25, 27, 28, 32, 79]],
  ['wrong-usage', [26]],
  ['revoked', [23]],
  ['revocation-list', [3, 5, 8, 11, 12, 15, 16, 33, 35, 36, 44]],
];

/** The same by OpenSSL's words (X509_verify_cert_error_string), whose spelling differs between versions. */
const WORDS: readonly (readonly [Fault, RegExp])[] = [
  ['revocation-list', /\bCRL\b/],
  ['expired', /certificate has expired|certificate is not yet valid/i],
  ['revoked', /certificate revoked/i],
  ['wrong-usage', /(?:unsupported|unsuitable) certificate purpose/i],
  [
    'untrusted',
    /self.signed certificate|issuer certificate|verify the first certificate|chain too long|signature failure|invalid CA certificate|path length|certificate not trusted|certificate rejected/i,
  ],
];

/** id-kp-clientAuth (RFC 5280 §4.2.1.12), and anyExtendedKeyUsage. */
const CLIENT_USAGES: readonly string[] = ['1.3.6.1.5.5.7.3.2', '2.5.29.37.0'];

/** What a server that said nothing more than "refused" leaves open is read off the certificate, a little less surely. */
const READ = 0.97;
/** Nothing is wrong with the certificate itself, and a list of revoked ones is asked. */
const LEFT_OVER = 0.7;

/** What was wrong; null when that can't be told. */
export function faultOf(verification: ClientVerification): Judged | null {
  const { result, certificate, revocation, time } = verification;
  if (result.kind === 'none') return { fault: 'missing', weight: 1 };
  const said = byNumber(result.number) ?? byWords(result.words);
  // A server may go on after an error and keep only the last: nobody has a list of an authority that nobody knows.
  if (said === 'revocation-list' && certificate?.isVouchedFor === false) return { fault: 'untrusted', weight: READ };
  if (said !== null) return { fault: said, weight: 1 };
  if (result.number !== null || result.words !== null || certificate === null) return null;
  const read = readOff(certificate, time);
  if (read !== null) return { fault: read, weight: READ };
  return revocation !== null && certificate.isVouchedFor === true ? { fault: 'revoked', weight: LEFT_OVER } : null;
}

function byNumber(number: number | null): Fault | null {
  return number === null ? null : (NUMBERS.find(([, numbers]) => numbers.includes(number))?.[0] ?? null);
}

function byWords(words: string | null): Fault | null {
  return words === null ? null : (WORDS.find(([, pattern]) => pattern.test(words))?.[0] ?? null);
}

function readOff(certificate: PresentedCertificate, time: number): Fault | null {
  if (certificate.isVouchedFor === false) return 'untrusted';
  if (time < certificate.notBefore || time > certificate.notAfter) return 'expired';
  return isForClients(certificate) ? null : 'wrong-usage';
}

/** RFC 5280 §4.2.1.12: without the extension a certificate is for every usage. */
export function isForClients({ usages }: PresentedCertificate): boolean {
  return usages === null || usages.some((one) => CLIENT_USAGES.includes(one));
}
