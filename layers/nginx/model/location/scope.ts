import type { Directive } from '../syntax/ast.ts';
import type { Pattern } from '../values/pattern.ts';
import type { Script } from '../values/script.ts';
import type { ScopeKind } from '../settings/reading.ts';
import type { Settings } from '../settings/settings.ts';

/** One of nginx's location configurations: a server's own, a location, an `if` in one, or a limit_except. */
export interface Scope {
  readonly kind: ScopeKind;
  /** The block's own directive. */
  readonly directive: Directive;
  /** The name to compare with, as bytes; empty for a server. */
  readonly name: string;
  readonly pattern: Pattern | null;
  readonly settings: Settings;
  readonly script: Script;
  /** The locations directly inside. */
  readonly children: Children;
  /** Blocks of `if` inside, by `placeKey` of their directive. */
  readonly ifs: ReadonlyMap<string, Scope>;
  readonly limitExcept: LimitExcept | null;
  /** Whether the name without its closing slash answers 301. */
  readonly isAutoRedirecting: boolean;
}

export interface LimitExcept {
  readonly directive: Directive;
  /** Upper-case methods that it does not touch; HEAD with GET. */
  readonly except: ReadonlySet<string>;
  readonly scope: Scope;
}

/** Locations of one level, ready for a choice. */
export interface Children {
  /** Distinct names of prefix and exact locations, sorted by bytes. */
  readonly names: readonly string[];
  readonly entries: readonly StaticEntry[];
  readonly regexes: readonly Scope[];
}

export interface StaticEntry {
  readonly name: string;
  readonly exact: Scope | null;
  readonly inclusive: Scope | null;
  /** The longest other entry with an inclusive location whose name this one starts with; -1 for none. */
  readonly within: number;
}

export const NO_CHILDREN: Children = { names: [], entries: [], regexes: [] };

/** Names a directive by where it stands: the same in a copy of its block. */
export function placeKey(directive: Directive): string {
  return `${directive.place.file}:${directive.place.start}`;
}
