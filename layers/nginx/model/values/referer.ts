import type { Directive } from '../syntax/ast.ts';
import { lowerCase, toBytes } from './bytes.ts';
import { headerVariable } from './header-variables.ts';
import { Hostnames } from './hostnames.ts';
import { describe } from './map.ts';
import { compilePattern, match, type Pattern } from './pattern.ts';
import { inherited, own, scopeOf } from './scope.ts';
import { known, missing, type State, type Text } from './state.ts';

interface Referers {
  readonly directive: Directive;
  readonly allowsNone: boolean;
  readonly allowsBlocked: boolean;
  /** Names with the URI prefix they demand. */
  readonly names: Hostnames<{ readonly uri: string; readonly directive: Directive }>;
  /** Matched against the host alone. */
  readonly hostPatterns: readonly { readonly pattern: Pattern; readonly directive: Directive }[];
  /** Matched against everything behind the scheme. */
  readonly patterns: readonly { readonly pattern: Pattern; readonly directive: Directive }[];
}

/** A block's own `valid_referers`. One with only `none` or `blocked` is refused by nginx. */
const referersAt: (from: Directive | null) => Referers | null = inherited<Referers>((block) => {
  const lines = own(block, 'valid_referers');
  const [directive] = lines;
  if (directive === undefined) return null;
  const words = lines.flatMap((line) => line.args.map((word) => ({ word, directive: line })));
  const names: Referers['names'] = new Hostnames();
  const patterns: { pattern: Pattern; directive: Directive }[] = [];
  const hostPatterns: { pattern: Pattern; directive: Directive }[] = [];
  for (const { word, directive: line } of words) {
    if (word === 'none' || word === 'blocked' || word === 'server_names') continue;
    if (word.startsWith('~')) {
      patterns.push({ pattern: compilePattern(word.slice(1), { caseless: true }), directive: line });
      continue;
    }
    const bytes = toBytes(word, 'utf8');
    const slash = bytes.indexOf('/');
    names.add(slash < 0 ? bytes : bytes.slice(0, slash), { uri: slash < 0 ? '' : bytes.slice(slash), directive: line });
  }
  const withServer = words.find(({ word }) => word === 'server_names');
  if (withServer !== undefined) {
    for (const name of serverNames(block)) {
      if (name.startsWith('~'))
        hostPatterns.push({ pattern: compilePattern(name.slice(1), { caseless: /[A-Z]/.test(name) }), directive: withServer.directive });
      else names.add(toBytes(name, 'utf8'), { uri: '', directive: withServer.directive });
    }
  }
  const has = (wanted: string): boolean => words.some(({ word }) => word === wanted);
  // Names of a block replace the outer ones, but patterns are taken over unless it has its own.
  const outer = referersAt(block.parent);
  return {
    directive,
    allowsNone: has('none'),
    allowsBlocked: has('blocked'),
    names,
    hostPatterns: hostPatterns.length > 0 ? hostPatterns : (outer?.hostPatterns ?? []),
    patterns: patterns.length > 0 ? patterns : (outer?.patterns ?? []),
  };
});

/** The names of the server around a block; a server without any has the empty name. */
function serverNames(block: Directive): readonly string[] {
  for (let scope: Directive | null = block; scope !== null; scope = scope.parent) {
    if (scope.name !== 'server') continue;
    const names = own(scope, 'server_name').flatMap((line) => line.args);
    return names.length === 0 ? [''] : names;
  }
  return [];
}

/** `$invalid_referer` (ngx_http_referer_variable): empty when valid, else `1`. */
export function invalidReferer(state: State): Text {
  const referers = referersAt(scopeOf(state));
  // Nothing configured: never invalid.
  if (referers === null) return known('');
  const header = headerVariable('referer', state);
  if (!header.known) return header;
  const isSent = state.request.headers.some(([name]) => lowerCase(name) === 'referer');
  const verdict = isSent ? judge(referers, header.value) : { isValid: referers.allowsNone, by: referers.directive };
  if ('missing' in verdict) return missing(verdict.missing);
  const value = verdict.isValid ? '' : '1';
  return { known: true, value, provenance: describe('invalid_referer', value, verdict.by, null, header.provenance, []) };
}

type Verdict = { readonly isValid: boolean; readonly by: Directive } | { readonly missing: string };

function judge(referers: Referers, referer: string): Verdict {
  const refuse: Verdict = { isValid: false, by: referers.directive };
  const scheme = /^https?:\/\//i.exec(referer)?.[0];
  // Shorter than http://i.ru, or without a scheme: a firewall's doing.
  if (referer.length < 11 || scheme === undefined) return { isValid: referers.allowsBlocked, by: referers.directive };
  const rest = referer.slice(scheme.length);
  const end = rest.search(/[/:]/);
  const host = lowerCase(end < 0 ? rest : rest.slice(0, end));
  if (host.length > 256) return refuse;
  const named = referers.names.find(host);
  if (named !== undefined) {
    const slash = rest.indexOf('/', host.length);
    const path = slash < 0 ? '' : rest.slice(slash);
    return { isValid: path.startsWith(named.uri), by: named.directive };
  }
  for (const [list, subject] of [
    [referers.hostPatterns, host],
    [referers.patterns, rest],
  ] as const) {
    for (const { pattern, directive } of list) {
      const found = match(pattern, subject);
      if (found.state === 'unknown') return { missing: found.missing };
      if (found.state === 'matched') return { isValid: true, by: directive };
    }
  }
  return refuse;
}
