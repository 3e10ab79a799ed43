import type { Directive } from '../syntax/ast.ts';
import type { Reading } from './reading.ts';
import type { Handler, Settings } from './settings.ts';

const HANDLERS: readonly (readonly [name: string, kind: Handler['kind'], family: string])[] = [
  ['proxy_pass', 'proxy', 'proxy'],
  ['fastcgi_pass', 'proxy', 'fastcgi'],
  ['uwsgi_pass', 'proxy', 'uwsgi'],
  ['scgi_pass', 'proxy', 'scgi'],
  ['grpc_pass', 'proxy', 'grpc'],
  ['memcached_pass', 'memcached', 'memcached'],
  ['stub_status', 'stub_status', 'stub_status'],
  ['empty_gif', 'empty_gif', 'empty_gif'],
  ['flv', 'flv', 'flv'],
  ['mp4', 'mp4', 'mp4'],
];

const FOREIGN: readonly (readonly [name: string, module: string])[] = [
  ['perl', 'perl'],
  ['js_content', 'njs'],
  ['content_by_lua', 'lua'],
  ['content_by_lua_block', 'lua'],
  ['content_by_lua_file', 'lua'],
  ['echo', 'echo'],
  ['echo_duplicate', 'echo'],
  ['echo_exec', 'echo'],
  ['echo_flush', 'echo'],
  ['echo_location', 'echo'],
  ['echo_location_async', 'echo'],
  ['echo_sleep', 'echo'],
  ['echo_subrequest', 'echo'],
  ['echo_subrequest_async', 'echo'],
  ['upload_pass', 'upload'],
  ['passenger_enabled', 'passenger'],
];

/** The modules whose merge functions know `lmt_excpt`, in their order in nginx. */
const PASSING = ['proxy', 'fastcgi', 'uwsgi', 'scgi', 'grpc'] as const;

/**
 * The content handler of one block. It is not inherited, except that limit_except takes over what the location
 * passes requests to, even where another handler was written behind that. An `if` sets its own or leaves the one
 * already chosen.
 */
export function readHandler({ block, kind }: Reading, parent: Settings): Handler | null {
  const own = ownHandler(block);
  if (own !== null || kind !== 'limit-except') return own;
  const family = PASSING.find((one) => parent.targets.has(one));
  const directive = family === undefined ? undefined : parent.targets.get(family);
  return family === undefined || directive === undefined ? null : { kind: 'proxy', family, directive };
}

const BY_NAME: ReadonlyMap<string, { readonly kind: Handler['kind']; readonly family: string }> = new Map([
  ...HANDLERS.map(([name, kind, family]) => [name, { kind, family }] as const),
  ...FOREIGN.map(([name, module]) => [name, { kind: 'module', family: module }] as const),
]);

const NOWHERE: ReadonlyMap<string, Directive> = new Map();

/** What is written here over what an `if` or limit_except takes from its location (`noname` in the merge functions). */
export function readTargets({ block, kind }: Reading, parent: Settings): ReadonlyMap<string, Directive> {
  const inherited = kind === 'if' || kind === 'limit-except' ? parent.targets : NOWHERE;
  const own = block.filter(({ name }) => name.endsWith('_pass') && BY_NAME.has(name));
  if (own.length === 0) return inherited;
  return new Map([...inherited, ...own.map((directive) => [BY_NAME.get(directive.name)?.family ?? '', directive] as const)]);
}

/** Each of these directives overwrites the location's one handler: the last written wins. */
function ownHandler(block: readonly Directive[]): Handler | null {
  const directive = block.findLast(({ name, args }) => BY_NAME.has(name) && (name !== 'passenger_enabled' || args[0] === 'on'));
  const known = directive === undefined ? undefined : BY_NAME.get(directive.name);
  return directive === undefined || known === undefined ? null : { ...known, directive };
}

/** Directives that make a location whose name ends in a slash answer 301 for the name without it. */
export const AUTO_REDIRECTING: ReadonlySet<string> = new Set([
  'proxy_pass',
  'fastcgi_pass',
  'uwsgi_pass',
  'scgi_pass',
  'grpc_pass',
  'memcached_pass',
]);
