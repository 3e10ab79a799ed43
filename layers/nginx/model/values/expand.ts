import type { Provenance } from '../trace.ts';
import { lowerCase, toBytes } from './bytes.ts';
import { known, missing, type State, type Text } from './state.ts';

export type Part =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'group'; readonly number: number };

/** A value with its variables found: literal text, variables by name, groups by number. */
export interface CompiledText {
  /** As bytes. */
  readonly source: string;
  /** Set when there is nothing to expand. */
  readonly constant: Text | null;
  readonly parts: readonly Part[];
  /** Names of the variables used, each once. */
  readonly variables: readonly string[];
}

const BROKEN = 'a variable name in the configuration is broken: nginx refuses to start with it';

// `$` with a group number, a name in braces, or a name: ngx_http_script_compile.
const VARIABLE = /\$(?:([1-9])|\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))/g;

/** `value` is a word as nginx reads it; `encoding` is that of its file. */
export function compileText(value: string, encoding: 'utf8' | 'latin1' = 'utf8'): CompiledText {
  const source = toBytes(value, encoding);
  if (!source.includes('$')) return { source, constant: known(source), parts: [], variables: [] };
  const parts: Part[] = [];
  let at = 0;
  for (const found of source.matchAll(VARIABLE)) {
    if (found.index > at) parts.push({ kind: 'literal', text: source.slice(at, found.index) });
    const [whole, group, braced, plain] = found;
    if (group === undefined) parts.push({ kind: 'variable', name: lowerCase(braced ?? plain ?? '') });
    else parts.push({ kind: 'group', number: Number(group) });
    at = found.index + whole.length;
  }
  if (at < source.length) parts.push({ kind: 'literal', text: source.slice(at) });
  const isBroken = parts.some((part) => part.kind === 'literal' && part.text.includes('$'));
  const variables = [...new Set(parts.flatMap((part) => (part.kind === 'variable' ? [part.name] : [])))];
  return { source, constant: isBroken ? missing(BROKEN) : null, parts, variables };
}

/** ngx_http_complex_value: variables by their value now, groups unescaped. */
export function expand(compiled: CompiledText, state: State): Text {
  if (compiled.constant !== null) return compiled.constant;
  const [only] = compiled.parts;
  if (compiled.parts.length === 1 && only?.kind === 'variable') return valueOf(only.name, state);
  return join(compiled.parts, state, groupOf);
}

/** nginx measures first and copies then, so a map whose pattern matches behind a group leaves groups that fit neither. */
export const OVERWRITTEN = missing('what numbered groups hold when a map behind them in the same text matches a pattern');

/** Puts parts together; `group` says how a numbered group is written. */
export function join(parts: readonly Part[], state: State, group: (state: State, number: number) => string): Text {
  let provenance: readonly Provenance[] = NONE;
  /** The groups as the first numbered one saw them. */
  let captures: State['captures'] | null = null;
  const values: string[] = [];
  for (const part of parts) {
    if (part.kind === 'variable') {
      const text = valueOf(part.name, state);
      if (!text.known) return text;
      values.push(text.value);
      provenance = merged(provenance, text.provenance);
    } else if (part.kind === 'group') {
      captures ??= state.captures;
      values.push(group(state, part.number));
    } else {
      values.push(part.text);
    }
  }
  if (captures === null) return { known: true, value: values.join(''), provenance };
  if (state.captures !== captures) return OVERWRITTEN;
  return { known: true, value: values.join(''), provenance: merged(provenance, state.capturesFrom) };
}

const NONE: readonly Provenance[] = [];

/** Both lists, without copying when one is empty. */
export function merged(left: readonly Provenance[], right: readonly Provenance[]): readonly Provenance[] {
  if (left.length === 0) return right;
  if (right.length === 0) return left;
  const fresh = right.filter((one) => !left.includes(one));
  return fresh.length === 0 ? left : [...left, ...fresh];
}

/** A numbered group of the last match as it stands: empty when it took no part. */
export function groupOf(state: State, number: number): string {
  return state.captures[number] ?? '';
}

/**
 * `$name` without the dollar, lower case. Values are kept for the request as nginx keeps them
 * (ngx_http_get_flushed_variable): what `set` or a named group assigned, and what is cacheable.
 */
export function valueOf(name: string, state: State): Text {
  const kept = state.assigned.get(name);
  if (kept !== undefined) return kept;
  const variable = state.definitions.lookup(name);
  if (variable === null) return missing(`the variable $${name}, which nothing here defines`);
  if (!variable.isCacheable) return variable.evaluate(state);
  // Guards against a map that leads back to itself, which nginx answers with an error in its log.
  state.assigned.set(name, missing(`the variable $${name}, whose definition leads back to itself`));
  const text = variable.evaluate(state);
  state.assigned.set(name, text);
  return text;
}
