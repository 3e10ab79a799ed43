import type { Headers } from '@why403/terms/request';

/** How far a request came that brought no answer. */
export type ProbePhase = 'connect' | 'proxy' | 'tls' | 'answer';

export type ProbeFailureKind =
  | 'connection-refused'
  | 'unreachable'
  | 'timeout'
  | 'reset'
  | 'closed'
  | 'tls'
  | 'malformed'
  | 'proxy-refused'
  | 'impossible';

/** A request that brought no answer. */
export interface ProbeFailure {
  readonly kind: ProbeFailureKind;
  readonly phase: ProbePhase;
  /** What happened, as a sentence. */
  readonly says: string;
  /** What to look at next, as a sentence. */
  readonly hint: string | null;
  /** The system's, OpenSSL's or our own name for it. */
  readonly code: string | null;
  readonly remote: { readonly address: string; readonly port: number } | null;
  /** What a proxy answered instead of opening a tunnel. */
  readonly answer: { readonly status: number; readonly headers: Headers } | null;
}

/** What an answer that isn't HTTP is wrong in. */
export type Malformation =
  | 'not-http'
  | 'status-line'
  | 'field-line'
  | 'head-too-large'
  | 'too-many-interim'
  | 'content-length'
  | 'cut-short';

/** Carries a failure up to where it becomes a value; never leaves the client's collector. */
export class ProbeTrouble extends Error {
  override readonly name = 'ProbeTrouble';
  readonly failure: ProbeFailure;

  constructor(kind: ProbeFailureKind, phase: ProbePhase, says: string, more: Partial<Omit<ProbeFailure, 'kind' | 'phase' | 'says'>> = {}) {
    super(says);
    this.failure = { kind, phase, says, hint: null, code: null, remote: null, answer: null, ...more };
  }
}

/** Reasons why a certificate isn't trusted, by OpenSSL's or Node's code. */
const DISTRUST: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet: is this clock right?',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its chain ends in an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'the certificate of its issuer is missing',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is not known here, or the server does not send the intermediate certificates',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is not known here, or the server does not send the intermediate certificates',
  CERT_REVOKED: 'it has been revoked',
  CERT_SIGNATURE_FAILURE: 'its signature is wrong',
  INVALID_PURPOSE: 'it was not issued for servers',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
  HOSTNAME_MISMATCH: 'it is for another name',
};

/** Why a server's certificate is not trusted, to follow "because". */
export function sayDistrust(code: string): string {
  return DISTRUST[code] ?? `of ${code}`;
}

interface HandshakeRule {
  readonly pattern: RegExp;
  readonly says: string;
  readonly hint: string | null;
}

/** OpenSSL's reasons (ssl/ssl_err.c) and the alerts of RFC 8446 §6.2. The first that fits decides. */
const HANDSHAKE: readonly HandshakeRule[] = [
  {
    pattern: /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE|RECORD_LAYER_FAILURE/,
    says: 'The other side does not speak TLS on this port.',
    hint: 'Ask with http:// instead, or with the port for https.',
  },
  { pattern: /CERTIFICATE_REQUIRED/, says: 'The server wants a client certificate and got none.', hint: 'Give one with --cert and --key.' },
  { pattern: /ALERT_UNKNOWN_CA/, says: 'The server does not trust the issuer of the client certificate.', hint: null },
  { pattern: /ALERT_CERTIFICATE_EXPIRED/, says: 'The server says that the client certificate has expired.', hint: null },
  { pattern: /ALERT_CERTIFICATE_REVOKED/, says: 'The server says that the client certificate has been revoked.', hint: null },
  {
    pattern: /ALERT_(?:BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_UNKNOWN)/,
    says: 'The server refuses the client certificate.',
    hint: null,
  },
  {
    pattern: /UNRECOGNIZED_NAME/,
    says: 'The server has no site of this name.',
    hint: 'The name in the URL is what TLS asks for (SNI); a Host header does not change it.',
  },
  {
    pattern: /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE|VERSION_TOO_LOW/,
    says: 'The two sides share no version of TLS.',
    hint: null,
  },
  {
    pattern: /HANDSHAKE_FAILURE|NO_SHARED_CIPHER|INSUFFICIENT_SECURITY/,
    says: 'The two sides agree on no cipher, or the server wants a client certificate.',
    hint: null,
  },
  { pattern: /ACCESS_DENIED/, says: 'The server broke the TLS handshake off: access denied.', hint: null },
  { pattern: /NO_APPLICATION_PROTOCOL/, says: 'The two sides share no version of HTTP over TLS.', hint: null },
  {
    pattern: /INTERNAL_ERROR/,
    says: 'The server broke the TLS handshake off because of an error of its own.',
    hint: 'Its error log says more.',
  },
];

/** A handshake that failed, in words. */
export function sayHandshake(code: string): { readonly says: string; readonly hint: string | null } {
  return HANDSHAKE.find((rule) => rule.pattern.test(code)) ?? { says: `The TLS handshake failed (${code}).`, hint: null };
}

const MALFORMATIONS: Readonly<Record<Malformation, string>> = {
  'not-http': 'What came back is not HTTP.',
  'status-line': 'The first line of the answer is not a status line of HTTP.',
  'field-line': 'The head of the answer holds a line that is no header field.',
  'head-too-large': 'The head of the answer is larger than 256 KiB: it was not read to its end.',
  'too-many-interim': 'The server sent interim answers (1xx) without end.',
  'content-length': 'The answer gives its length in a way that contradicts itself.',
  'cut-short': 'The connection ended in the middle of the head of the answer.',
};

export function sayMalformed(what: Malformation): string {
  return MALFORMATIONS[what];
}
