import type { Evidence } from '@why403/decision';

/** A line of nginx's error log that was joined to the request. */
export interface ObservedLine {
  readonly file: string;
  readonly line: number | null;
  readonly level: string;
  /** The message without its `, client: …` suffix. */
  readonly message: string;
  /** The whole line, redacted. */
  readonly text: string;
}

/** What was seen of the one real request. `errors` is null when the error log could not be read. */
export interface Observation {
  readonly status: number;
  readonly errors: readonly ObservedLine[] | null;
  /**
   * Whether a line of level `error` would have been written and found: the log is known, read, and records
   * that level. False when it is read but set to a higher level; null when nobody knows.
   */
  readonly recordsErrors: boolean | null;
  /** Fields of the joined access-log line, by variable name; null when there is none. */
  readonly access: ReadonlyMap<string, string> | null;
  /** Whether the body is a page that the server writes itself, or somebody else's; null or left out when there is nothing to tell by. */
  readonly page?: 'own' | 'foreign' | null;
  /** The quoted access-log line, and what else was observed of the answer. */
  readonly quotes: readonly Evidence[];
}
