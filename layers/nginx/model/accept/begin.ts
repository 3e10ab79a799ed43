import { header } from '@why403/terms/request';
import type { ModelRequest, World } from '../trace.ts';
import type { Directive } from '../syntax/ast.ts';
import { filenameOf, realRootOf, rootOf } from '../content/path.ts';
import { testFile } from '../content/reach.ts';
import { doubt, fail, type Journey, LOST, note, ON, refusalOf, refuseWith, type Turn } from '../journey.ts';
import type { CompiledPlan } from '../plan.ts';
import { chooseGroup } from '../server/address.ts';
import type { Group, Server } from '../server/compile.ts';
import { portOf } from '../server/listen.ts';
import { findByName, type NameFound } from '../server/names.ts';
import { createState } from '../values/state.ts';
import { type Fields, judgeHeaders, type Malformed, readHeaders, readRequestLine } from './accept.ts';
import { Buffers } from './buffers.ts';
import { validateHost } from './host.ts';
import type { Target } from './target.ts';

export type Begun = { readonly journey: Journey; readonly turn: Turn } | { readonly journey: null; readonly missing: string };

/** From the socket to the server that takes the request: ngx_http_init_connection to ngx_http_process_request. */
export function begin(plan: CompiledPlan, request: ModelRequest, world: World, lift: ReadonlySet<string>): Begun {
  const unresolved = unresolvedListen(plan, request);
  if (unresolved !== null) return { journey: null, missing: `which address listen ${unresolved.args.join(' ')} means` };
  const group = chooseGroup(plan.groups, request.local);
  if (group === null) return { journey: null, missing: `a server that listens on ${request.local.address}:${request.local.port}` };
  const negotiated = negotiate(group, request);
  const first = negotiated !== null && negotiated.how !== 'unknown' ? negotiated.server : group.defaultServer;
  const buffers = new Buffers(group.defaultServer.parsing.buffers.first);
  const line = readRequestLine(request, first, buffers);
  const target: Target = 'target' in line ? line.target : { uri: '', args: '', host: null };
  // A bad request line ends it before any field is read.
  const fields: Fields = 'target' in line ? readHeaders(request, first, buffers, (host) => serverOf(group, host)) : { kept: [], failure: null };
  const read = 'target' in line ? request : { ...request, target: '', method: line.knowsMethod ? request.method : '' };
  const kept = { ...read, headers: fields.kept, tls: certified(request, first) };
  const journey = createJourney(plan, kept, world, lift, group, first, target);
  note(journey, group.listen.directive, `${request.local.address}:${request.local.port} is served by ${group.servers.length} server${group.servers.length === 1 ? '' : 's'}`);
  return { journey, turn: accept(journey, negotiated, line, fields.failure) };
}

/** The server that the TLS handshake's name chooses (ngx_http_ssl_servername); null without such a name. */
function negotiate(group: Group, { tls }: ModelRequest): NameFound<Server> {
  const asked = tls?.serverName == null ? null : validateHost(tls.serverName);
  return asked === null || !group.hasNames ? null : findByName(group.names, asked, null);
}

function accept(journey: Journey, negotiated: NameFound<Server>, line: ReturnType<typeof readRequestLine>, failure: Malformed | null): Turn {
  if (negotiated?.how === 'unknown') return lostName(journey, 'TLS name', negotiated.missing);
  if (negotiated !== null) journey.how = negotiated.how;
  const { group, request } = journey;
  if (group.hasProxyProtocol) doubt(journey, group.listen.directive, 'the port expects the PROXY protocol', 'the PROXY protocol header of the connection');
  if (group.hasHttp2 && request.tls === null && request.httpVersion !== '2') {
    // Up to 1.25 such a port speaks nothing but HTTP/2; later versions tell the two apart.
    doubt(journey, group.listen.directive, 'the port speaks HTTP/2 without TLS', 'whether this version of nginx takes HTTP/1 there');
  }
  const rejected = rejectHandshake(journey);
  if (rejected.kind !== 'on') return rejected;
  if (!('target' in line)) return malformed(journey, line);
  return serve(journey, line.target, negotiated, failure);
}

/** The server whose settings count once a Host was read. */
function serverOf(group: Group, host: string): Server {
  const found = group.hasNames ? findByName(group.names, host, null) : null;
  return found === null || found.how === 'unknown' ? group.defaultServer : found.server;
}

/** A certificate is verified only where the server that the handshake was with asks for one. */
function certified({ tls }: ModelRequest, server: Server): ModelRequest['tls'] {
  return tls !== null && server.tls.verify === 'off' ? { ...tls, clientVerify: 'NONE' } : tls;
}

/** A `listen` on a host name that may mean this very address. */
function unresolvedListen(plan: CompiledPlan, { local }: ModelRequest): Directive | null {
  for (const { unresolved } of plan.servers) {
    const found = unresolved.find((directive) => portOf(directive) === local.port);
    if (found !== undefined) return found;
  }
  return null;
}

function createJourney(plan: CompiledPlan, request: ModelRequest, world: World, lift: ReadonlySet<string>, group: Group, server: Server, target: Target): Journey {
  const state = createState({
    request,
    world,
    definitions: plan.definitions,
    uri: target.uri,
    args: target.args,
    server: server.directive,
    host: null,
    documentRoot: () => rootOf(journey),
    realpathRoot: () => realRootOf(journey),
    filename: () => filenameOf(journey),
    testFile: (path) => testFile(journey, path),
  });
  const journey: Journey = {
    plan,
    request,
    world,
    lift,
    checks: [],
    doubts: [],
    locations: [],
    group,
    state,
    server,
    how: 'default',
    client: { address: state.client, peer: state.peer, chain: [{ address: state.peer, says: 'the other end of the connection', directive: null }] },
    scope: server.scope,
    handler: null,
    phase: 'accept',
    round: 0,
    // NGX_HTTP_MAX_URI_CHANGES + 1
    changesLeft: 11,
    isErrorPage: false,
    errorStatus: 0,
    isUriAddedToAlias: false,
    isSubrequest: false,
    isClientKnown: true,
    isClientReplaced: false,
    hasCountedRequests: false,
    hasCountedConnections: false,
    masked: null,
    entity: null,
    tried: null,
  };
  return journey;
}

function malformed(journey: Journey, { status, why }: Malformed): Turn {
  return fail(journey, status, null, why);
}

function serve(journey: Journey, target: Target, negotiated: NameFound<Server>, failure: Malformed | null): Turn {
  const { request, group } = journey;
  const sent = target.host ?? header(request.headers, 'host') ?? null;
  const host = sent === null ? null : validateHost(sent);
  if (sent !== null && host === null) return malformed(journey, { status: 400, why: 'the Host is malformed' });
  if (failure !== null && host === null) return malformed(journey, failure);
  journey.state.host = host;
  journey.phase = 'server';
  const chosen = chooseServer(journey, group, host ?? '', negotiated);
  if (chosen.kind !== 'on') return chosen;
  noteUnread(journey);
  journey.phase = 'accept';
  const wrong = failure ?? judgeHeaders(request, request.headers, target);
  if (wrong !== null) return malformed(journey, wrong);
  return judgeTls(journey);
}

/** The server of the Host; the one SNI chose stays when both name the same. */
function chooseServer(journey: Journey, group: Group, host: string, negotiated: NameFound<Server>): Turn {
  if (!group.hasNames) return onlyServer(journey, group, host);
  const asked = negotiated === null ? null : validateHost(journey.request.tls?.serverName ?? '');
  if (asked === host) {
    if (negotiated?.how === 'regex') findByName(group.names, host, journey.state);
    return noteServer(journey, host);
  }
  const named = findByName(group.names, host, journey.state);
  if (named?.how === 'unknown') return lostName(journey, 'Host', named.missing);
  // ngx_http_set_virtual_server: another name than the negotiated one may not reach a server that asks for certificates.
  const { tls } = named?.server ?? group.defaultServer;
  if (negotiated !== null && tls.verify !== 'off') {
    return fail(journey, 421, tls.verifyDirective, `the Host ${host} differs from the TLS name ${asked ?? ''}, and its server verifies client certificates`);
  }
  if (named !== null) settle(journey, named.server, named.how);
  else if (negotiated !== null) settle(journey, group.defaultServer, 'default');
  return noteServer(journey, host);
}

/** A lone server takes everything; whether its name fits is only told. */
function onlyServer(journey: Journey, group: Group, host: string): Turn {
  const named = findByName(group.names, host, null);
  if (named !== null && named.how !== 'unknown') journey.how = named.how;
  return noteServer(journey, host);
}

function lostName(journey: Journey, what: string, missing: string): Turn {
  doubt(journey, null, `the server for the ${what} is not known`, missing);
  return LOST;
}

function rejectHandshake(journey: Journey): Turn {
  const { rejects } = journey.server.tls;
  if (rejects === null || journey.request.tls === null) return ON;
  const refusal = refusalOf('built-in', 444, rejects, { why: 'the TLS handshake is rejected', rule: rejects });
  return refuseWith(journey, rejects, 'the TLS handshake is rejected', refusal);
}

function noteServer(journey: Journey, host: string): Turn {
  const { server, how } = journey;
  const name = server.names.map(({ text }) => text).join(' ');
  note(journey, server.directive, how === 'default' ? `the default server takes Host ${host === '' ? '(none)' : host}` : `server_name ${name} takes Host ${host} (${how})`);
  return ON;
}

function settle(journey: Journey, server: Server, how: Journey['how']): void {
  journey.server = server;
  journey.how = how;
  journey.scope = server.scope;
  journey.state.server = server.directive;
}

function noteUnread(journey: Journey): void {
  for (const { path, why } of journey.plan.unread) doubt(journey, null, `${path} is included but could not be read`, `the text of ${path} (${why})`);
}

/** ngx_http_process_request: plain HTTP on a TLS port, and client certificates. */
function judgeTls(journey: Journey): Turn {
  const { request, group, server } = journey;
  if (!(group.isSsl || group.defaultServer.tls.isOn)) return ON;
  const directive = group.listen.directive;
  if (request.tls === null) {
    return refuseWith(journey, directive, 'plain HTTP came to a TLS port', refusalOf('built-in', 497, 'plain-http', { why: 'plain HTTP request was sent to HTTPS port', rule: directive }));
  }
  const { verify, verifyDirective } = server.tls;
  if (verify === 'off' || verifyDirective === null) return ON;
  const { clientVerify } = request.tls;
  if (clientVerify.startsWith('FAILED') && !(verify === 'optional_no_ca' && isUntrustedOnly(clientVerify))) {
    const refusal = refusalOf('built-in', 495, verifyDirective, { why: `the client certificate was not verified: ${clientVerify}`, rule: verifyDirective });
    return refuseWith(journey, verifyDirective, `the client certificate was not verified: ${clientVerify}`, refusal);
  }
  if (verify === 'on' && clientVerify === 'NONE') {
    const refusal = refusalOf('built-in', 496, verifyDirective, { why: 'no client certificate was sent', rule: verifyDirective });
    return refuseWith(journey, verifyDirective, 'no client certificate was sent', refusal);
  }
  return ON;
}

/** The failures optional_no_ca overlooks (ngx_ssl_verify_error_optional). */
function isUntrustedOnly(verify: string): boolean {
  return /self.signed certificate|unable to get (?:local )?issuer certificate|unable to verify the first certificate|certificate chain too long/i.test(verify);
}
