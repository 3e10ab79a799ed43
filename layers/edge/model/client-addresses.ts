import type { Evidence, Remedy } from '@why403/decision';
import type { ForwardedAddress } from './forwarding.ts';

/** Addresses that a server is told to believe when they name a client. */
export interface Trusted {
  /** An address, a CIDR, `unix:` or a host name, as written. */
  readonly network: string;
  readonly rule: Evidence;
}

/** The header that a server is told to take the client's address from. */
export interface ReadHeader {
  /** As written; `proxy_protocol` for the PROXY protocol's own header. */
  readonly name: string;
  /** Null where it is the server's default. */
  readonly rule: Evidence | null;
}

/**
 * Another way to come by the client's address of the same request:
 * - `trust-peer`: believe the other end of the connection
 * - `pass-over-trusted`: read on to the left as long as an address is a trusted proxy's own
 * - `trust-fewer`: stop at the first address that isn't surely one's own proxy's
 */
export interface Reading {
  readonly how: 'trust-peer' | 'pass-over-trusted' | 'trust-fewer';
  readonly header: string;
  /** The address that it comes to. */
  readonly address: string;
  /** Whether the refusal would be lifted for that address; null when that isn't known. */
  readonly isAdmitted: boolean | null;
  /** Edits that make the server read so, and let that address in where it isn't yet. */
  readonly remedies: readonly Remedy[];
}

/** A refusal that was keyed on the client's address, and how the server came by that address. */
export interface KeyedRefusal {
  /** Its place among the refusals: 0 refused first. */
  readonly at: number;
  /** How sure it is that this refusal stands there. */
  readonly confidence: number;
  /** The rule that refused, quoted. */
  readonly rule: Evidence;
  /** What was observed of it: log lines and the answer. */
  readonly observed: readonly Evidence[];
  /** The address that the rule was asked about. */
  readonly used: string;
  /** The other end of the connection. */
  readonly peer: string;
  /** Addresses that forwarding headers name, those nearest the server first. */
  readonly forwarded: readonly ForwardedAddress[];
  /** Whom the server is told to believe here. */
  readonly trusted: readonly Trusted[];
  /** Null when the server is told to read none. */
  readonly header: ReadHeader | null;
  /** Whether the access log shows many different clients coming through the peer; null: it doesn't tell. */
  readonly carriesMany: boolean | null;
  readonly readings: readonly Reading[];
}

/** All refusals of one request that were keyed on the client's address. */
export interface ClientAddresses {
  readonly refusals: readonly KeyedRefusal[];
  /** Why the server's walk could not be followed to its end, if it could not. */
  readonly missing: readonly string[];
}
