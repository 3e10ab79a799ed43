import type { Evidence } from '@why403/decision';

/** A request that reached a server in a way in which it can't be taken there, whoever sends it. */
export interface Mismatch {
  /** Its place among the refusals: 0 came first. */
  readonly at: number;
  readonly confidence: number;
  /** HTTP without TLS on a port that speaks TLS, or a method that isn't answered there. */
  readonly kind: 'plain-http' | 'method';
  readonly method: string;
  /** Where the request went, without its query. */
  readonly url: string;
  /** What the server does with it, in its house's words. */
  readonly says: string;
  /** The directive that makes it so, quoted; null where it is the server's nature. */
  readonly rule: Evidence | null;
  /** Log lines and the answer that tell it; never empty without a rule. */
  readonly observed: readonly Evidence[];
}

export interface Mismatches {
  readonly mismatches: readonly Mismatch[];
  /** Why the server's walk could not be followed to its end, if it could not. */
  readonly missing: readonly string[];
}
