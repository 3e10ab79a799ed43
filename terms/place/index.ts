/** A spot in a text file. `line` and `column` count from 1, in UTF-16 code units; offsets from 0. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}
