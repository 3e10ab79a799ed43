import type { Configuration, Directive, SourceFile } from '../syntax/ast.ts';
import { coreVariable } from './core-variables.ts';
import { compileText } from './expand.ts';
import { geoVariable } from './geo.ts';
import { mapVariable, namesInMap } from './map.ts';
import { compilePattern } from './pattern.ts';
import { splitVariable } from './split-clients.ts';
import { known, missing, type State, type Text } from './state.ts';

/** A variable that the configuration or nginx itself defines. */
export interface Variable {
  readonly name: string;
  /** Whether nginx keeps the first value it computed for the rest of the request. */
  readonly isCacheable: boolean;
  readonly evaluate: (state: State) => Text;
}

/** What a definition needs to know of the files it stands in. */
export interface Reading {
  /** How the text of a directive's file became text: needed to turn it back into bytes. */
  encodingOf(directive: Directive): SourceFile['encoding'];
  /** What is missing inside a block because an include could not be read; null when it is whole. */
  gapIn(block: Directive): string | null;
}

/** Every variable of a configuration. Made once, used by many requests. */
export interface Definitions extends Reading {
  readonly configuration: Configuration;
  /** Null when nothing defines it: nginx refuses such a configuration. */
  lookup(name: string): Variable | null;
  /** Variables used but defined nowhere, with the directive that uses them. */
  readonly unknown: readonly { readonly name: string; readonly directive: Directive }[];
  /** A `listen … proxy_protocol` is written somewhere. */
  readonly hasProxyProtocol: boolean;
}

/** Finds all definitions: map, geo, split_clients, set, named groups, and what other modules bring. */
export function define(configuration: Configuration): Definitions {
  const reading = readingOf(configuration);
  const found = new Map<string, Variable>();
  const uses: { name: string; directive: Directive }[] = [];
  const foreign = new Map<string, Directive>();
  let hasProxyProtocol = false;
  for (const directive of all(configuration.directives)) {
    const { name, args } = directive;
    if (name === 'listen' && args.includes('proxy_protocol')) hasProxyProtocol = true;
    for (const variable of definedBy(directive, reading))
      if (!found.has(variable.name) || variable.isCacheable) found.set(variable.name, variable);
    // What nginx brings itself keeps its own value until something is set (NGX_HTTP_VAR_WEAK).
    for (const variable of namedBy(directive))
      if (!found.has(variable) && coreVariable(variable) === null) found.set(variable, unset(variable, directive));
    for (const variable of usedBy(directive)) uses.push({ name: variable, directive });
    if (DEFINES.test(name) && name !== 'auth_request_set')
      for (const arg of args) if (/^\$\w+$/.test(arg)) foreign.set(lower(arg), directive);
  }
  const lookup = (name: string): Variable | null => {
    const own = found.get(name) ?? coreVariable(name);
    if (own !== null) return own;
    const by = foreign.get(name);
    if (by === undefined) return null;
    const other: Variable = { name, isCacheable: false, evaluate: () => missing(`$${name}, which ${by.name} sets`) };
    found.set(name, other);
    return other;
  };
  return { ...reading, configuration, lookup, unknown: uses.filter(({ name }) => lookup(name) === null), hasProxyProtocol };
}

/** Every directive, parents before their children. */
function all(directives: readonly Directive[], found: Directive[] = []): readonly Directive[] {
  for (const directive of directives) {
    found.push(directive);
    // Lines of these blocks are entries, not directives.
    if (directive.block !== null && !TABLES.has(directive.name)) all(directive.block, found);
  }
  return found;
}

/** Directives of other modules that define variables: js_set, set_by_lua, js_var, keyval, … */
const DEFINES = /^set_|_set$|_var$|^keyval$|^array_|^eval/;

const TABLES: ReadonlySet<string> = new Set(['map', 'geo', 'split_clients', 'types', 'geoip2', 'charset_map']);

function lower(dollarName: string): string {
  return dollarName.slice(1).toLowerCase();
}

/** Variables with a computation of their own. */
function definedBy(directive: Directive, reading: Reading): readonly Variable[] {
  const target = directive.args.at(-1);
  if (directive.block === null || target === undefined || !target.startsWith('$'))
    return directive.name === 'geoip2' ? locationVariables(directive) : [];
  const name = lower(target);
  if (directive.name === 'map') return [mapVariable(directive, name, reading)];
  if (directive.name === 'geo') return [geoVariable(directive, name, reading)];
  if (directive.name === 'split_clients') return [splitVariable(directive, name, reading)];
  return [];
}

/** `geoip2 DATABASE { $variable … }`: from a database that is not read here. */
function locationVariables(directive: Directive): readonly Variable[] {
  return (directive.block ?? [])
    .filter((line) => line.name.startsWith('$'))
    .map((line) => {
      const name = lower(line.name);
      return { name, isCacheable: false, evaluate: () => missing(`$${name}, from a location database`) };
    });
}

/** Variables that `set` or a named group gives a value to; until then they are empty. */
function namedBy(directive: Directive): readonly string[] {
  const { name, args } = directive;
  // The walk assigns auth_request_set's when the sub-request is done; until then they are empty too.
  if ((name === 'set' || name === 'auth_request_set') && args[0]?.startsWith('$') === true) return [lower(args[0])];
  if (name === 'map') return namesInMap(directive);
  if (name === 'location') return groupsOf(locationPattern(args));
  if (name === 'server_name') return args.flatMap((arg) => (arg.startsWith('~') ? groupsOf(arg.slice(1)) : []));
  if (name === 'rewrite') return groupsOf(args[0]);
  if (name === 'if')
    return args.some((arg) => /^!?~\*?$/.test(arg)) ? groupsOf(args.at(-1) === ')' ? args.at(-2) : args.at(-1)?.slice(0, -1)) : [];
  return [];
}

/** The modifier may stand alone or stick to the pattern. */
function locationPattern([first = '', second]: readonly string[]): string | undefined {
  if (first === '~' || first === '~*') return second;
  return first.startsWith('~') ? first.replace(/^~\*?/, '') : undefined;
}

function groupsOf(pattern: string | undefined): readonly string[] {
  return pattern === undefined || !pattern.includes('<') ? [] : compilePattern(pattern).names;
}

function unset(name: string, directive: Directive): Variable {
  const provenance = directive.name === 'set' ? [{ variable: name, value: '', directive, entry: null, from: [] }] : [];
  const empty = known('', provenance);
  return { name, isCacheable: false, evaluate: () => empty };
}

/** Which arguments of a directive hold variables. */
type Reads = (args: readonly string[]) => readonly (string | undefined)[];

const USES: ReadonlyMap<string, Reads> = new Map<string, Reads>([
  ['set', (args) => [args[1]]],
  ['if', (args) => (/^\(?\$/.test(args[0] ?? '') || args[0] === '(' ? [args[0] === '(' ? args[1] : args[0]] : [])],
  ['return', (args) => args],
  ['rewrite', (args) => [args[1]]],
  ['map', (args) => [args[0]]],
  ['split_clients', (args) => [args[0]]],
  ['geo', (args) => (args.length > 1 ? [args[0]] : [])],
  ['try_files', (args) => args],
  ['root', (args) => args],
  ['alias', (args) => args],
  ['add_header', (args) => [args[1]]],
  ['proxy_pass', (args) => args],
  ['proxy_set_header', (args) => [args[1]]],
  ['fastcgi_param', (args) => [args[1]]],
  ['limit_req_zone', (args) => [args[0]]],
  ['limit_conn_zone', (args) => [args[0]]],
  ['auth_basic', (args) => args],
  ['error_page', (args) => [args.at(-1)]],
]);

function usedBy(directive: Directive): readonly string[] {
  const read = USES.get(directive.name);
  if (read === undefined) return [];
  return [...new Set(read(directive.args).flatMap((arg) => (arg?.includes('$') === true ? compileText(arg).variables : [])))];
}

function readingOf(configuration: Configuration): Reading {
  const gaps = new Map<Directive, string | null>();
  return {
    encodingOf: (directive) => configuration.files.get(directive.place.file)?.encoding ?? 'utf8',
    gapIn: (block) => {
      const known = gaps.get(block);
      if (known !== undefined) return known;
      const { body } = block;
      const unread = configuration.unread.find(
        ({ place }) => body !== null && place.file === block.place.file && place.start >= body.start && place.end <= body.end,
      );
      const gap = unread === undefined ? null : `what ${unread.path}, included in the ${block.name} block, says: ${unread.why}`;
      gaps.set(block, gap);
      return gap;
    },
  };
}
