import type { State, Text } from './state.ts';

/** A value with its variables found: literal text, variables by name, groups by number. */
export interface CompiledText {
  readonly source: string;
  /** Set when there is nothing to expand. */
  readonly constant: Text | null;
  readonly parts: readonly Part[];
  /** Names of the variables used, each once. */
  readonly variables: readonly string[];
}

export type Part =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'group'; readonly number: number };

/** `value` is a word as nginx reads it; `encoding` is that of its file. */
export declare function compileText(value: string, encoding?: 'utf8' | 'latin1'): CompiledText;
export declare function expand(compiled: CompiledText, state: State): Text;
/** `$name` without the dollar. */
export declare function valueOf(name: string, state: State): Text;
