import type { Audience, Some } from './evidence.ts';

/** One replacement in a file's text. Offsets are UTF-16 code units from the start; `end` is exclusive. */
export interface Edit {
  /** The resolved real file: patch tools refuse symbolic links. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A step a person or tool can take. Edits are rendered as a unified diff only when reported. */
export type Step =
  | { readonly kind: 'edit'; readonly edits: Some<Edit> }
  | { readonly kind: 'command'; readonly argv: Some<string> }
  | { readonly kind: 'manual'; readonly text: string };

/**
 * How far a tool may go with a remedy: `safe` needs no thought, `review` wants a look, `fill-in` has a
 * blank only the owner can fill, `by-hand` is told but never applied, `none` means the refusal is right.
 */
export type Apply = 'safe' | 'review' | 'fill-in' | 'by-hand' | 'none';

/** What lifts one cause, with the least privilege that admits the request asked about. */
export interface Remedy {
  readonly who: Audience;
  readonly say: string;
  readonly apply: Apply;
  readonly steps: readonly Step[];
}
