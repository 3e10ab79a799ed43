import { match, matchInto, type Pattern } from '../values/pattern.ts';
import type { State } from '../values/state.ts';

export type How = 'exact' | 'wildcard-start' | 'wildcard-end' | 'regex' | 'default';

export interface NameOf<S> {
  /** Null for `$hostname` of a machine whose name is not known. */
  readonly text: string | null;
  /** The pattern of `~…`, else null. */
  readonly pattern: Pattern | null;
  readonly server: S;
}

/** Every server_name of one address, as ngx_http_server_names arranges them. */
export interface Names<S> {
  readonly exact: ReadonlyMap<string, S>;
  /** By the text behind `*.`; `.x` also counts as exact `x`. */
  readonly starts: ReadonlyMap<string, S>;
  /** By the text before `.*`. */
  readonly ends: ReadonlyMap<string, S>;
  readonly regexes: readonly NameOf<S>[];
  /** Whether one of the names is not known. */
  readonly isOpen: boolean;
}

/** The first server that claims a name keeps it: nginx warns of the others and ignores them. */
export function arrangeNames<S>(names: readonly NameOf<S>[]): Names<S> {
  const exact = new Map<string, S>();
  const starts = new Map<string, S>();
  const ends = new Map<string, S>();
  // nginx notes `x` for `.x` too before it finds that `*.x` is taken: `x` is then nobody's (ngx_hash_add_key).
  const taken = new Set<string>();
  const claim = (map: Map<string, S>, key: string, server: S): void => {
    if (!map.has(key)) map.set(key, server);
  };
  for (const { text, pattern, server } of names) {
    if (pattern !== null || text === null) continue;
    if (text.startsWith('*.')) claim(starts, text.slice(2), server);
    else if (text.endsWith('.*')) claim(ends, text.slice(0, -2), server);
    else {
      const key = text.startsWith('.') ? text.slice(1) : text;
      if (taken.has(key)) continue;
      taken.add(key);
      if (text.startsWith('.')) {
        if (starts.has(key)) continue;
        starts.set(key, server);
      }
      exact.set(key, server);
    }
  }
  const isOpen = names.some(({ text }) => text === null);
  return { exact, starts, ends, isOpen, regexes: names.filter(({ pattern }) => pattern !== null) };
}

export type NameFound<S> =
  | { readonly how: Exclude<How, 'default'>; readonly server: S }
  | { readonly how: 'unknown'; readonly missing: string }
  | null;

/** ngx_http_find_virtual_server: exact, longest `*.x`, longest `x.*`, first regular expression. */
export function findByName<S>(names: Names<S>, host: string, state: State | null): NameFound<S> {
  const exact = names.exact.get(host);
  if (exact !== undefined) return { how: 'exact', server: exact };
  if (names.isOpen) return { how: 'unknown', missing: 'the name of the machine, which a server_name $hostname stands for' };
  if (names.starts.size > 0) {
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
      const server = names.starts.get(host.slice(dot + 1));
      // Also for `.x` itself: ngx_hash_find_wc_head counts the empty label before the dot.
      if (server !== undefined) return { how: 'wildcard-start', server };
    }
  }
  if (names.ends.size > 0) {
    for (let dot = host.lastIndexOf('.'); dot > 0; dot = host.lastIndexOf('.', dot - 1)) {
      const server = names.ends.get(host.slice(0, dot));
      if (server !== undefined) return { how: 'wildcard-end', server };
    }
  }
  if (host === '') return null;
  for (const { pattern, server } of names.regexes) {
    if (pattern === null) continue;
    const matched = state === null ? match(pattern, host) : matchInto(pattern, host, state);
    if (matched.state === 'unknown') return { how: 'unknown', missing: matched.missing };
    if (matched.state === 'matched') return { how: 'regex', server };
  }
  return null;
}
