import type { Refusal } from '../trace.ts';
import type { Directive } from '../syntax/ast.ts';

/** What one access handler says, before satisfy weighs it. */
export type Outcome =
  /** NGX_DECLINED: it has nothing to say here. */
  | { readonly kind: 'declined' }
  | { readonly kind: 'allowed'; readonly directive: Directive; readonly says: string }
  | { readonly kind: 'refused'; readonly directive: Directive | null; readonly says: string; readonly refusal: Refusal }
  | {
      readonly kind: 'unknown';
      readonly directive: Directive | null;
      readonly says: string;
      readonly missing: string;
      readonly refusal: Refusal | null;
    };

export const DECLINED: Outcome = { kind: 'declined' };
