import type { Provenance } from '../trace.ts';
import type { Directive } from '../syntax/ast.ts';
import { toBytes } from './bytes.ts';
import type { Reading, Variable } from './define.ts';
import { compileText, type CompiledText, expand, merged } from './expand.ts';
import { Hostnames } from './hostnames.ts';
import { compilePattern, matchInto, type Pattern } from './pattern.ts';
import { missing, type State, type Text } from './state.ts';

interface Entry {
  readonly directive: Directive;
  readonly value: CompiledText;
}

interface MapTable {
  readonly source: CompiledText;
  readonly exact: Hostnames<Entry>;
  readonly patterns: readonly { readonly pattern: Pattern; readonly entry: Entry }[];
  readonly fallback: Entry | null;
  readonly hasHostnames: boolean;
  readonly isVolatile: boolean;
}

/** `map SOURCE $variable { … }` (ngx_http_map_module). */
export function mapVariable(directive: Directive, name: string, reading: Reading): Variable {
  const table = tableOf(directive, reading);
  const evaluate = (state: State): Text => {
    const gap = reading.gapIn(directive);
    if (gap !== null) return missing(gap);
    const source = expand(table.source, state);
    if (!source.known) return source;
    const entry = find(table, source.value, source.provenance, state);
    if (entry !== null && 'missing' in entry) return missing(entry.missing);
    const value = entry === null ? '' : expand(entry.value, state);
    if (typeof value !== 'string' && !value.known) return value;
    const text = typeof value === 'string' ? value : value.value;
    const inner = typeof value === 'string' ? [] : value.provenance;
    return { known: true, value: text, provenance: describe(name, text, directive, entry?.directive ?? null, source.provenance, inner) };
  };
  return { name, isCacheable: !table.isVolatile, evaluate };
}

/** Own provenance first, then that of what it was computed from. */
export function describe(
  variable: string,
  value: string,
  directive: Directive,
  entry: Directive | null,
  source: readonly Provenance[],
  inner: readonly Provenance[],
): readonly Provenance[] {
  const origin = merged(source, inner);
  const from = [...new Set(origin.filter((one) => one.directive === null).map((one) => one.variable))];
  return [{ variable, value, directive, entry, from }, ...origin];
}

function tableOf(directive: Directive, reading: Reading): MapTable {
  const encoding = reading.encodingOf(directive);
  const lines = directive.block ?? [];
  const isFlag = (name: string): boolean => lines.some((line) => line.name === name && line.args.length === 0);
  const exact = new Hostnames<Entry>();
  // `hostnames` counts from where it stands (ngx_http_map adds each key as it comes).
  let hasHostnames = false;
  const patterns: { pattern: Pattern; entry: Entry }[] = [];
  let fallback: Entry | null = null;
  for (const line of lines) {
    const [raw] = line.args;
    if (line.name === 'hostnames' && raw === undefined) hasHostnames = true;
    if (line.args.length !== 1 || raw === undefined) continue;
    const encoded = reading.encodingOf(line);
    const entry: Entry = { directive: line, value: compileText(raw, encoded) };
    const key = line.words[0]?.value ?? line.name;
    if (key === 'default') {
      fallback ??= entry;
    } else if (key.startsWith('~')) {
      const caseless = key.startsWith('~*');
      patterns.push({ pattern: compilePattern(key.slice(caseless ? 2 : 1), { caseless, encoding: encoded }), entry });
    } else {
      // A backslash in front lets a key begin with a tilde or be one of the words of the map itself.
      const bytes = toBytes(key.startsWith('\\') ? key.slice(1) : key, encoded);
      if (hasHostnames) exact.add(bytes, entry);
      else exact.addExact(bytes, entry);
    }
  }
  return {
    source: compileText(directive.args[0] ?? '', encoding),
    exact,
    patterns,
    fallback,
    hasHostnames,
    isVolatile: isFlag('volatile'),
  };
}

/** ngx_http_map_find: exact and wildcard names, then patterns in order, then the default. */
function find(table: MapTable, text: string, from: readonly Provenance[], state: State): Entry | { readonly missing: string } | null {
  const value = table.hasHostnames && text.endsWith('.') ? text.slice(0, -1) : text;
  const exact = table.exact.find(value);
  if (exact !== undefined) return exact;
  if (value !== '') {
    for (const { pattern, entry } of table.patterns) {
      const found = matchInto(pattern, value, state, from);
      if (found.state === 'unknown') return { missing: found.missing };
      if (found.state === 'matched') return entry;
    }
  }
  return table.fallback;
}

/** Patterns of a map: their named groups are variables. */
export function namesInMap(directive: Directive): readonly string[] {
  return (directive.block ?? []).flatMap((line) => {
    const key = line.words[0]?.value ?? line.name;
    return key.startsWith('~') && line.args.length === 1 ? compilePattern(key.replace(/^~\*?/, '')).names : [];
  });
}
