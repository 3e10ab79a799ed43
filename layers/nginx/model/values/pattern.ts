import type { State } from './state.ts';

/** A PCRE pattern as JavaScript can run it, or the reason why it can't. */
export type Pattern =
  | { readonly state: 'ready'; readonly source: string; readonly caseless: boolean; readonly regexp: RegExp; readonly names: readonly string[] }
  | { readonly state: 'unsupported'; readonly source: string; readonly caseless: boolean; readonly why: string };

export type Match =
  | { readonly state: 'matched'; readonly groups: readonly (string | undefined)[]; readonly names: ReadonlyMap<string, string> }
  | { readonly state: 'unmatched' }
  | { readonly state: 'unknown'; readonly missing: string };

/** `source` as it stands in the configuration, without `~` or `~*`. */
export declare function compilePattern(source: string, options?: { readonly caseless?: boolean; readonly encoding?: 'utf8' | 'latin1' }): Pattern;
/** Matches bytes as text. Pure: the state is untouched. */
export declare function match(pattern: Pattern, text: string): Match;
/** Matches, and on success leaves groups and named groups in the state as nginx does. */
export declare function matchInto(pattern: Pattern, text: string, state: State): Match;
