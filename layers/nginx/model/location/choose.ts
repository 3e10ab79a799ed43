import { matchInto } from '../values/pattern.ts';
import type { State } from '../values/state.ts';
import { findPrefix } from './children.ts';
import type { Scope } from './scope.ts';

export type Choice =
  | { readonly how: 'exact' | 'regex' | 'prefix' | 'none'; readonly scope: Scope }
  | { readonly how: 'redirect'; readonly scope: Scope }
  | { readonly how: 'unknown'; readonly scope: Scope; readonly regex: Scope; readonly missing: string };

type Level =
  | { readonly result: 'final' | 'redirect' | 'open'; readonly scope: Scope }
  | { readonly result: 'unknown'; readonly scope: Scope; readonly regex: Scope; readonly missing: string };

/** ngx_http_core_find_location over a server's own scope. */
export function chooseLocation(server: Scope, state: State): Choice {
  const level = descend(server, state);
  switch (level.result) {
    case 'unknown':
      return { how: 'unknown', scope: level.scope, regex: level.regex, missing: level.missing };
    case 'redirect':
      return { how: 'redirect', scope: level.scope };
    default:
      return { how: howOf(level.scope), scope: level.scope };
  }
}

function howOf(scope: Scope): 'exact' | 'regex' | 'prefix' | 'none' {
  if (scope.kind === 'exact' || scope.kind === 'regex') return scope.kind;
  return scope.kind === 'server' ? 'none' : 'prefix';
}

/**
 * One level: the best prefix and what is nested in it first; then this level's regular expressions in file
 * order, unless the prefix of this very level is `^~`. What a deeper level found stands when none matches.
 */
function descend(parent: Scope, state: State): Level {
  let reached = parent;
  let isPreferred = false;
  const found = findPrefix(parent.children, state.uri);
  if (found !== null) {
    if (found.how === 'exact') return { result: 'final', scope: found.scope };
    if (found.how === 'redirect') return { result: 'redirect', scope: found.scope };
    isPreferred = found.scope.kind === 'preferred';
    const nested = descend(found.scope, state);
    if (nested.result !== 'open') return nested;
    reached = nested.scope;
  }
  if (!isPreferred) {
    for (const regex of parent.children.regexes) {
      if (regex.pattern === null) continue;
      const matched = matchInto(regex.pattern, state.uri, state);
      if (matched.state === 'unknown') return { result: 'unknown', scope: reached, regex, missing: matched.missing };
      if (matched.state === 'unmatched') continue;
      const inner = descend(regex, state);
      // Whatever was found inside a matching expression is final (only an error would not be).
      return inner.result === 'unknown' ? inner : { result: 'final', scope: inner.scope };
    }
  }
  return { result: 'open', scope: reached };
}
