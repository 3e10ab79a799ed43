import type { Evidence } from '@why403/decision';
import type { Headers } from '@why403/terms/request';

/** A refusal that a server only passed on, from what is behind it. */
export interface AppResponse {
  /** Its place among the refusals: 0 refused first. */
  readonly at: number;
  /** How sure it is that what is behind refused. */
  readonly confidence: number;
  /** Where the request was handed on to, as the server names it: a URL, a socket, an upstream. */
  readonly target: string;
  /** The directive that hands it on, quoted. */
  readonly rule: Evidence;
  /** The log lines and the answer that tell it. */
  readonly observed: readonly Evidence[];
  /** The status that came from behind, as the server logged it; null when it isn't known. */
  readonly status: number | null;
  /** The beginning of the body as text, redacted; null when none was seen, or when it is no text. */
  readonly excerpt: string | null;
  /** Headers that tell who answered or why, redacted. */
  readonly headers: Headers;
}

export interface AppResponses {
  readonly responses: readonly AppResponse[];
  /** Why the server's walk could not be followed to its end, if it could not. */
  readonly missing: readonly string[];
}
