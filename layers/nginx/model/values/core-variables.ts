import { parseAddress } from '@why403/terms/address';
import { lowerCase, toBytes } from './bytes.ts';
import type { Variable } from './define.ts';
import { fastcgiPathInfo, fastcgiScriptName } from './fastcgi.ts';
import { argument, basicUser, clientAddress, cookie, fromRequest, headerVariable } from './header-variables.ts';
import { invalidReferer } from './referer.ts';
import { secureLink, secureLinkExpires } from './secure-link.ts';
import { missing, type State, type Text } from './state.ts';
import { unparsedUri } from './target.ts';

type Evaluate = (state: State, name: string) => Text;

const fact =
  (read: (state: State) => string): Evaluate =>
  (state, name) =>
    fromRequest(name, read(state));

const unknowable =
  (why: string): Evaluate =>
  (_, name) =>
    missing(`$${name}, ${why}`);

/** `$server_name`: the server's first name (ngx_http_core_merge_srv_conf). */
function serverName(state: State): Text {
  const [directive] = state.server?.block?.filter(({ name }) => name === 'server_name') ?? [];
  const first = directive?.args[0];
  if (directive === undefined || first === undefined) return fromRequest('server_name', '');
  if (lowerCase(first) === '$hostname') return missing("$server_name, which is the machine's name here");
  const bytes = toBytes(first, state.definitions.encodingOf(directive));
  if (bytes.startsWith('~')) return fromRequest('server_name', bytes);
  return fromRequest('server_name', lowerCase(bytes.startsWith('.') ? bytes.slice(1) : bytes));
}

function binaryAddress(state: State): Text {
  if (state.clientMissing !== null) return missing(state.clientMissing);
  const address = parseAddress(state.client);
  if (address === null) return missing(`$binary_remote_addr of ${state.client}`);
  return fromRequest('binary_remote_addr', address.family === 'unix' ? state.client : String.fromCharCode(...address.bytes));
}

function port(name: string, value: number | null): Text {
  if (value === null) return missing(`$${name}, the port that the request comes from`);
  return fromRequest(name, value > 0 && value < 65_536 ? String(value) : '');
}

function protocol(state: State): string {
  return state.request.httpVersion === '2' ? 'HTTP/2.0' : `HTTP/${state.request.httpVersion}`;
}

function first(state: State, header: string): string {
  const text = headerVariable(header, state);
  return text.known ? text.value : '';
}

/** `$proxy_add_x_forwarded_for`: the list as sent with the client behind it. */
function forwardedChain(state: State): Text {
  if (state.clientMissing !== null) return missing(state.clientMissing);
  const list = first(state, 'x_forwarded_for');
  return fromRequest('proxy_add_x_forwarded_for', list === '' ? state.client : `${list}, ${state.client}`);
}

function requestBody(state: State, name: string): Text {
  const hasBody = state.request.headers.some(([field]) => /^(?:content-length|transfer-encoding)$/i.test(field));
  return hasBody ? missing(`$${name}, the request's body`) : fromRequest(name, '');
}

function proxyProtocol(state: State, name: string): Text {
  return state.definitions.hasProxyProtocol ? missing(`$${name}, from the PROXY protocol header of the connection`) : fromRequest(name, '');
}

/** `$ssl_…`: not there without TLS; what the handshake decided is known only where the request tells. */
function ssl(state: State, name: string): Text {
  const { tls } = state.request;
  if (tls === null) return fromRequest(name, '');
  if (name === 'ssl_server_name') return fromRequest(name, tls.serverName ?? '');
  if (name === 'ssl_client_verify' && tls.clientVerify !== null) return fromRequest(name, tls.clientVerify);
  if (name.startsWith('ssl_client_') && tls.clientVerify === 'NONE') return fromRequest(name, '');
  return missing(`$${name}, which the TLS handshake decides`);
}

const CLOCK = "the server's clock and time zone";
const PROCESS = 'which changes with each start of the server';
const LATER = 'which the response decides';

/** Name, whether nginx computes it anew each time (NGX_HTTP_VAR_NOCACHEABLE), and how. */
const EXACT: readonly (readonly [name: string, isFresh: boolean, evaluate: Evaluate])[] = [
  ['uri', true, fact((state) => state.uri)],
  ['document_uri', true, fact((state) => state.uri)],
  ['args', true, fact((state) => state.args)],
  ['query_string', true, fact((state) => state.args)],
  ['is_args', true, fact((state) => (state.args === '' ? '' : '?'))],
  ['request_uri', true, fact((state) => unparsedUri(state.request.target))],
  ['request', true, fact((state) => `${state.request.method} ${state.request.target} ${protocol(state)}`)],
  ['request_method', true, fact((state) => state.method)],
  ['server_protocol', true, fact(protocol)],
  ['scheme', true, fact((state) => (state.request.tls === null ? 'http' : 'https'))],
  ['https', true, fact((state) => (state.request.tls === null ? '' : 'on'))],
  ['http2', true, fact((state) => (state.request.httpVersion !== '2' ? '' : state.request.tls === null ? 'h2c' : 'h2'))],
  [
    'host',
    true,
    (state) => (state.host === null || state.host === '' ? renamed(serverName(state), 'host') : fromRequest('host', state.host)),
  ],
  ['server_name', true, serverName],
  ['server_addr', true, fact((state) => state.request.local.address)],
  ['server_port', true, fact((state) => String(state.request.local.port))],
  // Kept from the first use on, so realip in a later phase no longer changes them.
  ['remote_addr', false, clientAddress],
  ['remote_port', false, (state) => (state.clientMissing === null ? port('remote_port', state.clientPort) : missing(state.clientMissing))],
  ['binary_remote_addr', false, binaryAddress],
  ['realip_remote_addr', true, fact((state) => state.peer)],
  ['realip_remote_port', true, (state) => port('realip_remote_port', state.request.peer.port)],
  ['remote_user', true, fact(basicUser)],
  ['content_length', true, fact((state) => first(state, 'content_length'))],
  ['content_type', true, fact((state) => first(state, 'content_type'))],
  ['proxy_add_x_forwarded_for', true, forwardedChain],
  ['document_root', true, (state) => state.documentRoot()],
  ['realpath_root', true, (state) => state.realpathRoot()],
  ['request_filename', true, (state) => state.filename()],
  ['fastcgi_script_name', true, fastcgiScriptName],
  ['fastcgi_path_info', true, fastcgiPathInfo],
  ['status', true, fact((state) => String(state.status ?? 0).padStart(3, '0'))],
  ['limit_rate', true, fact(() => '0')],
  ['request_completion', true, fact(() => '')],
  ['request_body', true, requestBody],
  ['request_body_file', true, requestBody],
  ['invalid_referer', false, invalidReferer],
  ['secure_link', false, secureLink],
  ['secure_link_expires', false, secureLinkExpires],
  ['time_iso8601', true, unknowable(CLOCK)],
  ['time_local', true, unknowable(CLOCK)],
  ['date_local', true, unknowable(CLOCK)],
  ['date_gmt', true, unknowable(CLOCK)],
  ['msec', true, unknowable(CLOCK)],
  ['request_time', true, unknowable(LATER)],
  ['hostname', true, unknowable("the machine's name")],
  ['nginx_version', true, unknowable("the server's version")],
  ['request_id', true, unknowable('which is random')],
  ['request_length', true, unknowable('which counts bytes on the wire')],
  ['pipe', true, unknowable('which tells of pipelining on the wire')],
  ['ssl_session_reused', true, ssl],
];

const PROCESS_NAMES = [
  'pid',
  'connection',
  'connection_requests',
  'connection_time',
  'tcpinfo_rtt',
  'tcpinfo_rttvar',
  'tcpinfo_snd_cwnd',
  'tcpinfo_rcv_space',
  'connections_active',
  'connections_reading',
  'connections_writing',
  'connections_waiting',
];
const LATER_NAMES = ['body_bytes_sent', 'bytes_sent', 'gzip_ratio', 'limit_req_status', 'limit_conn_status', 'slice_range'];
const OTHER_NAMES = [
  'msie',
  'modern_browser',
  'ancient_browser',
  'uid_got',
  'uid_set',
  'uid_reset',
  'proxy_host',
  'proxy_port',
  'proxy_internal_body_length',
  'proxy_internal_chunked',
  'grpc_internal_trailers',
  'memcached_key',
];

const CORE: ReadonlyMap<string, Variable> = new Map(
  [
    ...EXACT,
    ...PROCESS_NAMES.map((name) => [name, true, unknowable(PROCESS)] as const),
    ...LATER_NAMES.map((name) => [name, true, unknowable(LATER)] as const),
    ...OTHER_NAMES.map((name) => [name, true, unknowable('which the model does not compute')] as const),
  ].map(([name, isFresh, evaluate]) => [name, { name, isCacheable: !isFresh, evaluate: (state: State) => evaluate(state, name) }]),
);

const PREFIXES: readonly (readonly [prefix: string, evaluate: (state: State, rest: string, name: string) => Text])[] = [
  ['http_', (state, rest) => headerVariable(rest, state)],
  ['arg_', (state, rest) => argument(rest, state)],
  ['cookie_', (state, rest) => cookie(rest, state)],
  ['ssl_', (state, _, name) => ssl(state, name)],
  ['proxy_protocol_', (state, _, name) => proxyProtocol(state, name)],
  ['sent_http_', (_, __, name) => missing(`$${name}, ${LATER}`)],
  ['sent_trailer_', (_, __, name) => missing(`$${name}, ${LATER}`)],
  ['upstream_', (_, __, name) => missing(`$${name}, which what is behind this server decides`)],
  ['geoip_', (_, __, name) => missing(`$${name}, from a location database`)],
  ['geoip2_', (_, __, name) => missing(`$${name}, from a location database`)],
  ['echo_', (_, __, name) => missing(`$${name}, of the echo module`)],
];

/** A variable that nginx or one of its usual modules brings; null when there is none of that name. */
export function coreVariable(name: string): Variable | null {
  const exact = CORE.get(name);
  if (exact !== undefined) return exact;
  const found = PREFIXES.find(([prefix]) => name.startsWith(prefix));
  if (found === undefined) return null;
  const [prefix, evaluate] = found;
  const rest = name.slice(prefix.length);
  // Nothing that these read changes during a request, but arguments do.
  return { name, isCacheable: false, evaluate: (state) => evaluate(state, rest, name) };
}

function renamed(text: Text, name: string): Text {
  return text.known ? fromRequest(name, text.value) : text;
}
