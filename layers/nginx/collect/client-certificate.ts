import { X509Certificate } from 'node:crypto';
import type { View } from '@why403/filesystem/collect';
import type { PresentedCertificate } from '@why403/tls';
import { fullName } from '../model/syntax/prefix.ts';
import type { Configuration, Directive } from '../model/syntax/ast.ts';
import type { ModelRequest } from '../model/trace.ts';
import { nearest } from '../model/values/scope.ts';
import { readInView } from './view-files.ts';

type Verify = NonNullable<ModelRequest['tls']>['clientVerify'];

/** What a server's settings make of the certificate that a client presents. */
export interface Examined {
  /** As `$ssl_client_verify` would say; null where it can't be told from here. */
  readonly verify: Verify;
  readonly certificate: PresentedCertificate | null;
  /** The names of the authorities that are accepted; null where their file could not be read. */
  readonly authorities: readonly string[] | null;
}

const PEM = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;
const LARGEST = 8 << 20;
/** nginx's own `ssl_verify_depth`. */
const DEPTH = 1;

/**
 * Looks at the certificates a client presents (PEM, its own first) as OpenSSL would with the server's
 * `ssl_client_certificate`, `ssl_trusted_certificate` and `ssl_verify_depth`. Lists of revoked ones are not read.
 */
export function examineCertificate(
  view: View,
  configuration: Configuration,
  server: Directive | null,
  pem: string | undefined,
  time: number,
): Examined {
  const accepted = readAll(view, configuration, nearest(server, 'ssl_client_certificate'));
  const trusted = readAll(view, configuration, nearest(server, 'ssl_trusted_certificate'));
  const authorities = accepted?.map(({ subject }) => oneLine(subject)) ?? null;
  const [own, ...more] = certificatesIn(pem ?? '');
  if (own === undefined) return { verify: pem === undefined ? 'NONE' : null, certificate: null, authorities };
  const depth = Number(nearest(server, 'ssl_verify_depth')?.args[0] ?? DEPTH);
  const chain = accepted === null || trusted === null ? null : follow(own, more, [...accepted, ...trusted]);
  const certificate = presented(own, chain === null ? null : chain.isVouchedFor);
  const isBounded = chain !== null && chain.between > depth;
  const asksList = nearest(server, 'ssl_crl') !== null;
  return { verify: chain === null ? null : verdict(own, certificate, { isBounded, asksList, time }), certificate, authorities };
}

function verdict(
  own: X509Certificate,
  { isVouchedFor, notBefore, notAfter, usages }: PresentedCertificate,
  more: { readonly isBounded: boolean; readonly asksList: boolean; readonly time: number },
): Verify {
  if (isVouchedFor !== true)
    return `FAILED:${own.subject === own.issuer ? 'self-signed certificate' : 'unable to get local issuer certificate'}`;
  if (more.isBounded) return 'FAILED:certificate chain too long';
  if (more.time < notBefore) return 'FAILED:certificate is not yet valid';
  if (more.time > notAfter) return 'FAILED:certificate has expired';
  if (usages !== null && !usages.some((one) => CLIENT_USAGES.has(one))) return 'FAILED:unsuitable certificate purpose';
  return more.asksList ? null : 'SUCCESS';
}

/** id-kp-clientAuth and anyExtendedKeyUsage (RFC 5280 §4.2.1.12). */
const CLIENT_USAGES: ReadonlySet<string> = new Set(['1.3.6.1.5.5.7.3.2', '2.5.29.37.0']);

function presented(own: X509Certificate, isVouchedFor: boolean | null): PresentedCertificate {
  // Node gives the extended key usage under this name, and undefined without the extension.
  const usages: readonly string[] | undefined = own.keyUsage;
  return {
    subject: oneLine(own.subject),
    issuer: oneLine(own.issuer),
    notBefore: Date.parse(own.validFrom),
    notAfter: Date.parse(own.validTo),
    usages: usages ?? null,
    isVouchedFor,
  };
}

/** Signature by signature from the client's own certificate to a self-signed one that the server trusts. */
function follow(
  own: X509Certificate,
  sent: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
): { readonly isVouchedFor: boolean; readonly between: number } {
  let at = own;
  for (let between = 0; between <= sent.length + trusted.length; between += 1) {
    const isTrusted = trusted.some((one) => one.fingerprint256 === at.fingerprint256);
    if (isTrusted && isSelfSigned(at)) return { isVouchedFor: true, between: Math.max(0, between - 1) };
    const issuer = [...trusted, ...sent].find((one) => one.fingerprint256 !== at.fingerprint256 && issued(one, at));
    if (issuer === undefined) return { isVouchedFor: false, between };
    at = issuer;
  }
  return { isVouchedFor: false, between: sent.length };
}

function isSelfSigned(one: X509Certificate): boolean {
  return one.subject === one.issuer;
}

function issued(issuer: X509Certificate, one: X509Certificate): boolean {
  try {
    return one.checkIssued(issuer) && one.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

/** An absent directive names no authorities; null when its file can't be read. */
function readAll(view: View, configuration: Configuration, directive: Directive | null): readonly X509Certificate[] | null {
  const path = directive?.args[0];
  if (path === undefined) return [];
  const read = readInView(view, fullName(configuration, path, 'conf-prefix'), LARGEST);
  return 'ok' in read ? certificatesIn(read.ok.bytes.toString('latin1')) : null;
}

function certificatesIn(text: string): readonly X509Certificate[] {
  return [...text.matchAll(PEM)].flatMap(([one]) => {
    try {
      return [new X509Certificate(one)];
    } catch {
      return [];
    }
  });
}

/** Node writes one attribute a line. */
function oneLine(name: string): string {
  return name.replaceAll('\n', ', ');
}
