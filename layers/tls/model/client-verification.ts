import type { Evidence } from '@why403/decision';

/** What a client's certificate says of itself, and whether the server knows who vouches for it. */
export interface PresentedCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** The extended key usages by OID; null where the certificate sets no bounds. */
  readonly usages: readonly string[] | null;
  /** Whether a chain of signatures leads to an authority that the server trusts; null when nobody could look. */
  readonly isVouchedFor: boolean | null;
}

/** What the server's verification came to: OpenSSL's number and words, as far as the server told them. */
export type VerifyResult =
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly number: number | null; readonly words: string | null };

/** A request that a server refused for what its client showed, or didn't show, in the TLS handshake. */
export interface ClientVerification {
  /** Its place among the refusals: 0 refused first. */
  readonly at: number;
  /** How sure it is that this refused. */
  readonly confidence: number;
  readonly result: VerifyResult;
  /** The status that the client gets to see. */
  readonly status: number;
  /** The directive that asks for a certificate. */
  readonly rule: Evidence;
  /** The directive that names the authorities, and their names; null without one, and names null where they could not be read. */
  readonly authorities: { readonly file: string; readonly quote: Evidence; readonly names: readonly string[] | null } | null;
  /** The directive that names the list of revoked certificates. */
  readonly revocation: Evidence | null;
  /** Null when none was presented, or when it wasn't seen. */
  readonly certificate: PresentedCertificate | null;
  /** When the server looked at it, in milliseconds since the epoch. */
  readonly time: number;
  /** Log lines and the answer that tell it. */
  readonly observed: readonly Evidence[];
}

export interface ClientVerifications {
  readonly verifications: readonly ClientVerification[];
  /** Why the server's walk could not be followed to its end, if it could not. */
  readonly missing: readonly string[];
}
