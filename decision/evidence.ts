/** A list that can't be empty: what was found always has at least one reason. */
export type Some<T> = readonly [T, ...T[]];

/** Narrows a list to one with a first member. */
export function isSome<T>(list: readonly T[]): list is Some<T> {
  return list.length > 0;
}

/** Who may read a sentence. A caller never sees operator text. */
export type Audience = 'caller' | 'operator';

export type EvidenceKind = 'config' | 'log' | 'file' | 'response' | 'probe' | 'token' | 'policy' | 'trace' | 'absence';

/** One quoted fact with its place. `line` and `column` count from 1. `text` is the quotation, redacted. */
export interface Evidence {
  readonly kind: EvidenceKind;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly text?: string;
  /** What the quotation shows, as a sentence for the reader. */
  readonly says: string;
  readonly audience: Audience;
}
