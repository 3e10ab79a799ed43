import type { Place } from '@why403/terms/place';

/**
 * One word of a configuration. `raw` is the text as written (quotes and escapes included), `value` is
 * what nginx makes of it. Variables inside `value` are still unexpanded.
 */
export interface Word {
  readonly raw: string;
  readonly value: string;
  readonly place: Place;
}

/** A directive with everything needed to print it back byte for byte. */
export interface Directive {
  readonly name: string;
  readonly words: readonly Word[];
  /** `words` without the name, as values: what most readers want. */
  readonly args: readonly string[];
  readonly place: Place;
  /** From the first character of the name to the last of `;` or `}`. */
  readonly span: Place;
  /** Present for a block; empty for `{}`. Includes are expanded in the tree of a `Configuration`. */
  readonly block: readonly Directive[] | null;
  /** The offset just behind `{`, and of `}`, in the directive's own file; null for a simple directive. */
  readonly body: { readonly start: number; readonly end: number } | null;
  /** The verbatim source of a `*_by_lua_block`, else null. */
  readonly verbatim: string | null;
  /** The directive whose block this one stands in after includes are expanded; null at the top. */
  readonly parent: Directive | null;
}

/** One file as read. `text` is UTF-8 when the bytes are valid UTF-8, else latin1: either way they survive. */
export interface SourceFile {
  readonly encoding: 'utf8' | 'latin1';
  /** The path as nginx opens it. */
  readonly path: string;
  /** The resolved real file behind links, which is what a patch must name. */
  readonly real: string;
  readonly text: string;
  /** Directives as written, includes unexpanded. */
  readonly directives: readonly Directive[];
}

/** A configuration with every include expanded in place. */
export interface Configuration {
  readonly main: string;
  readonly prefix: string;
  readonly files: ReadonlyMap<string, SourceFile>;
  /** Top-level directives, includes replaced by what they bring (the include directives themselves are dropped). */
  readonly directives: readonly Directive[];
  /** Files that an include names but nobody could read, with the reason and the include's place. */
  readonly unread: readonly { readonly path: string; readonly why: string; readonly place: Place }[];
  /** Every include directive met, in order, with the files it brought in. */
  readonly includes: readonly { readonly directive: Directive; readonly paths: readonly string[] }[];
}

/** Why nginx would not take a configuration, in its words, without the ` in FILE:LINE` that `place` holds. */
export interface ConfigurationError {
  readonly message: string;
  /** `line` is the one that nginx would name. */
  readonly place: Place;
}
