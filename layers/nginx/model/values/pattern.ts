import type { Provenance } from '../trace.ts';
import { fromBytes, lowerCase, toBytes } from './bytes.ts';
import { fromRequest } from './header-variables.ts';
import { emit } from './pattern/emit.ts';
import { type Found, interpreter } from './pattern/interpret.ts';
import { type Node, type Parsed, Unsupported } from './pattern/node.ts';
import { parsePattern } from './pattern/parse.ts';
import { isPlain, partsOf, some, widthOf } from './pattern/traits.ts';
import { provenanceOf, type State } from './state.ts';

/** A PCRE pattern ready to run, or the reason why it can't be. */
export type Pattern =
  | {
      readonly state: 'ready';
      /** As bytes. */
      readonly source: string;
      readonly caseless: boolean;
      /** Names of its groups, each once, as variables: lower case. */
      readonly names: readonly string[];
      readonly groups: number;
      /** Opaque: use `match`. */
      readonly run: (text: string) => Match;
    }
  | {
      readonly state: 'unsupported';
      readonly source: string;
      readonly caseless: boolean;
      readonly names: readonly string[];
      readonly why: string;
    };

export type Match =
  | { readonly state: 'matched'; readonly groups: readonly (string | undefined)[]; readonly names: ReadonlyMap<string, string> }
  | { readonly state: 'unmatched' }
  | { readonly state: 'unknown'; readonly missing: string };

export interface PatternOptions {
  readonly caseless?: boolean;
  /** Of the file that the pattern stands in. */
  readonly encoding?: 'utf8' | 'latin1';
}

const UNMATCHED: Match = { state: 'unmatched' };
const NO_NAMES: ReadonlyMap<string, string> = new Map();

/** `source` as it stands in the configuration, without `~` or `~*`. */
export function compilePattern(source: string, options: PatternOptions = {}): Pattern {
  const caseless = options.caseless ?? false;
  const bytes = toBytes(source, options.encoding ?? 'utf8');
  try {
    const parsed = parsePattern(bytes, caseless, fromBytes);
    const names = [...new Set(parsed.names.map(({ name }) => lowerCase(name)))];
    return { state: 'ready', source: bytes, caseless, names, groups: parsed.groups, run: runner(parsed, bytes) };
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    return { state: 'unsupported', source: bytes, caseless, names: namesIn(bytes), why: error.message };
  }
}

/** Names that even an unreadable pattern defines. */
function namesIn(source: string): readonly string[] {
  return [...new Set(Array.from(source.matchAll(/\(\?P?<([A-Za-z_]\w*)>/g), ([, name]) => lowerCase(name ?? '')))];
}

function runner(parsed: Parsed, source: string): (text: string) => Match {
  const isVague = some(
    parsed.root,
    (node) =>
      node.kind === 'look' &&
      !node.isAhead &&
      (node.body.kind === 'choice' ? node.body.branches : [node.body]).some((branch) => widthOf(branch) === null),
  );
  if (isVague) throw new Unsupported('a look behind of varying length, which PCRE2 refuses');
  const find = finder(parsed);
  return (text) => {
    const subject = parsed.isUtf ? fromBytes(text) : text;
    const found = find(subject);
    if (found === null) return UNMATCHED;
    if (found === 'exhausted') return { state: 'unknown', missing: `whether the pattern ${source} matches: trying it takes too long` };
    const groups = parsed.isUtf ? found.map((group) => (group === undefined ? undefined : toBytes(group, 'utf8'))) : found;
    return { state: 'matched', groups, names: namedGroups(parsed, groups) };
  };
}

/** What a plain pattern may cost at the most, in steps: some tenths of a second. */
const COSTLY = 2e8;

function finder(parsed: Parsed): (text: string) => Found {
  const slow = interpreter(parsed.root, parsed.groups);
  if (!isPlain(parsed.root)) return slow;
  const regexp = new RegExp(emit(parsed.root, parsed.isUtf), parsed.isUtf ? 'u' : '');
  const power = countUnbounded(parsed.root) + 1;
  // JavaScript's engine can't be stopped, so where it might take too long the one that counts its steps runs.
  return (text) => (text.length ** power > COSTLY ? slow(text) : regexp.exec(text));
}

/** How many repetitions without end follow each other: backtracking tries each of their ends with each other. */
function countUnbounded(node: Node): number {
  const inside = partsOf(node).map(countUnbounded);
  const most = node.kind === 'choice' ? Math.max(0, ...inside) : inside.reduce((sum, count) => sum + count, 0);
  return node.kind === 'repeat' && node.max === Infinity ? most + 1 : most;
}

function namedGroups(parsed: Parsed, groups: readonly (string | undefined)[]): ReadonlyMap<string, string> {
  if (parsed.names.length === 0) return NO_NAMES;
  const names = new Map<string, string>();
  // nginx copies every named group, one that took no part as empty; of duplicate names the last in PCRE2's table stays.
  for (const { name, number } of parsed.names) names.set(lowerCase(name), groups[number] ?? '');
  return names;
}

/** Matches bytes as text. Pure: the state is untouched. */
export function match(pattern: Pattern, text: string): Match {
  if (pattern.state === 'ready') return pattern.run(text);
  return { state: 'unknown', missing: `whether the pattern ${pattern.source} matches: it uses ${pattern.why}` };
}

/**
 * Matches, and on success leaves groups and named groups in the state (ngx_http_regex_exec). `from` says
 * where the text came from, unless it plainly is `$uri` or `$host`. A failure leaves the groups as they were: only the
 * rewrite module clears them.
 */
export function matchInto(pattern: Pattern, text: string, state: State, from?: readonly Provenance[]): Match {
  const found = match(pattern, text);
  if (found.state !== 'matched') return found;
  const origin = from ?? originOf(text, state);
  state.captures = found.groups;
  state.capturesFrom = origin;
  for (const [name, value] of found.names) state.assigned.set(name, { known: true, value, provenance: origin });
  return found;
}

function originOf(text: string, state: State): readonly Provenance[] {
  if (text === state.uri) return provenanceOf(fromRequest('uri', text));
  return text === state.host ? provenanceOf(fromRequest('host', text)) : NOTHING;
}

const NOTHING: readonly Provenance[] = [];
