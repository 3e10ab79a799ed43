import type { Configuration, Directive } from '../syntax/ast.ts';
import { toBytes } from '../values/bytes.ts';
import { AUTO_REDIRECTING } from '../settings/handler.ts';
import { readSettings } from '../settings/read.ts';
import { groupByName, lastOf, type LocationKind, type Reading, type ScopeKind, type Zones } from '../settings/reading.ts';
import type { Settings } from '../settings/settings.ts';
import type { Definitions } from '../values/define.ts';
import { compilePattern, type Pattern } from '../values/pattern.ts';
import { compileScript } from '../values/script.ts';
import { whenAsked } from '../when-asked.ts';
import { arrange } from './children.ts';
import { type LimitExcept, placeKey, type Scope } from './scope.ts';

/** What compiling a scope needs from the whole configuration. */
export interface Workshop {
  readonly configuration: Configuration;
  readonly definitions: Definitions;
  readonly zones: Zones;
}

interface Named {
  readonly kind: ScopeKind;
  readonly name: string;
  readonly pattern: Pattern | null;
}

/** A server's own scope with every location in it. Named locations are found by name in `named`. */
export function compileServerScope(
  shop: Workshop,
  server: Directive,
  parent: Settings,
): { scope: Scope; named: ReadonlyMap<string, Scope> } {
  const named = new Map<string, Scope>();
  const scope = compileScope(shop, server, parent, { kind: 'server', name: '', pattern: null }, named);
  return { scope, named };
}

/** Names are read at once, because a choice compares them; what stands inside when a request comes to it. */
function scopeWhenAsked(shop: Workshop, directive: Directive, parent: Settings, as: Named): Scope {
  const inside = whenAsked(() => compileScope(shop, directive, parent, as, null));
  return {
    ...as,
    directive,
    get settings() {
      return inside().settings;
    },
    get script() {
      return inside().script;
    },
    get children() {
      return inside().children;
    },
    get ifs() {
      return inside().ifs;
    },
    get limitExcept() {
      return inside().limitExcept;
    },
    get isAutoRedirecting() {
      return inside().isAutoRedirecting;
    },
  };
}

function compileScope(shop: Workshop, directive: Directive, parent: Settings, as: Named, named: Map<string, Scope> | null): Scope {
  const reading = readingOf(shop, directive, as.kind, as.name);
  const { block, groups } = reading;
  const settings = readSettings(reading, parent);
  const locations: Scope[] = [];
  for (const location of groups.get('location') ?? []) {
    const identity = identify(location, reading.encoding);
    const scope = scopeWhenAsked(shop, location, settings, identity);
    if (identity.kind === 'named') named?.set(identity.name, scope);
    else locations.push(scope);
  }
  return {
    ...as,
    directive,
    settings,
    script: compileScript(block, as.kind === 'server' ? 'server' : 'location', shop.definitions),
    children: arrange(locations, as.kind === 'regex'),
    // In a server, an `if` lends no configuration: ngx_http_rewrite_if leaves its loc_conf null there.
    ifs: as.kind === 'server' ? NO_IFS : compileIfs(shop, groups.get('if'), settings, as),
    limitExcept: compileLimitExcept(shop, lastOf(groups, 'limit_except'), settings, as),
    isAutoRedirecting: as.name.endsWith('/') && block.some(({ name }) => AUTO_REDIRECTING.has(name)),
  };
}

const NO_IFS: ReadonlyMap<string, Scope> = new Map();

function compileIfs(shop: Workshop, ifs: readonly Directive[] | undefined, parent: Settings, around: Named): ReadonlyMap<string, Scope> {
  if (ifs === undefined) return NO_IFS;
  return new Map(ifs.map((directive) => [placeKey(directive), compileInner(shop, directive, parent, 'if', around)]));
}

function compileLimitExcept(shop: Workshop, directive: Directive | null, parent: Settings, around: Named): LimitExcept | null {
  if (directive === null) return null;
  const except = new Set(directive.args.map((method) => method.toUpperCase()));
  if (except.has('GET')) except.add('HEAD');
  return { directive, except, scope: compileInner(shop, directive, parent, 'limit-except', around) };
}

function compileInner(shop: Workshop, directive: Directive, parent: Settings, kind: 'if' | 'limit-except', around: Named): Scope {
  const reading = readingOf(shop, directive, kind, around.name);
  const settings = readSettings(reading, parent);
  const script = compileScript([], 'location', shop.definitions);
  return {
    kind,
    name: around.name,
    pattern: around.pattern,
    directive,
    settings,
    script,
    children: arrange([], false),
    ifs: NO_IFS,
    limitExcept: null,
    isAutoRedirecting: false,
  };
}

export function readingOf(shop: Workshop, directive: Directive, kind: ScopeKind, name: string): Reading {
  const block = directive.block ?? [];
  const encoding = shop.definitions.encodingOf(directive);
  return { configuration: shop.configuration, directive, kind, name, block, groups: groupByName(block), encoding, zones: shop.zones };
}

/** ngx_http_core_location: modifier and name, which may be written as one word. */
function identify(location: Directive, encoding: 'utf8' | 'latin1'): Named & { readonly kind: LocationKind } {
  const [first = '', second] = location.args;
  const { modifier, name } = second === undefined ? split(first) : { modifier: first, name: second };
  switch (modifier) {
    case '=':
      return { kind: 'exact', name: toBytes(name, encoding), pattern: null };
    case '^~':
      return { kind: 'preferred', name: toBytes(name, encoding), pattern: null };
    case '~':
    case '~*':
      return { kind: 'regex', name: toBytes(name, encoding), pattern: compilePattern(name, { caseless: modifier === '~*', encoding }) };
    default:
      return { kind: name.startsWith('@') ? 'named' : 'prefix', name: toBytes(name, encoding), pattern: null };
  }
}

function split(word: string): { modifier: string; name: string } {
  const modifier = ['=', '^~', '~*', '~'].find((one) => word.startsWith(one)) ?? '';
  return { modifier, name: word.slice(modifier.length) };
}
