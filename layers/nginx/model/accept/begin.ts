import { header } from '@why403/terms/request';
import type { ModelRequest, World } from '../trace.ts';
import { filenameOf, realRootOf, rootOf } from '../content/path.ts';
import { doubt, fail, type Journey, LOST, note, ON, refusalOf, refuseWith, type Turn } from '../journey.ts';
import type { CompiledPlan } from '../plan.ts';
import { chooseGroup } from '../server/address.ts';
import type { Group, Server } from '../server/compile.ts';
import { findByName } from '../server/names.ts';
import { createState } from '../values/state.ts';
import { judgeHeaders, keepHeaders, type Malformed, readRequestLine } from './accept.ts';
import { validateHost } from './host.ts';
import type { Target } from './target.ts';

export type Begun = { readonly journey: Journey; readonly turn: Turn } | { readonly journey: null; readonly missing: string };

/** From the socket to the server that takes the request: ngx_http_init_connection to ngx_http_process_request. */
export function begin(plan: CompiledPlan, request: ModelRequest, world: World, lift: ReadonlySet<string>): Begun {
  const group = chooseGroup(plan.groups, request.local);
  if (group === null) return { journey: null, missing: nobodyListens(plan, request) };
  const defaults = group.defaultServer;
  const line = readRequestLine(request, defaults);
  const target: Target = 'target' in line ? line.target : { uri: '', args: '', host: null };
  const headers = keepHeaders(request.headers, defaults);
  const kept = 'status' in headers ? request : { ...request, headers };
  const journey = createJourney(plan, kept, world, lift, group, target);
  note(journey, group.listen.directive, `${request.local.address}:${request.local.port} is served by ${group.servers.length} server${group.servers.length === 1 ? '' : 's'}`);
  const turn = 'status' in line ? malformed(journey, line) : 'status' in headers ? malformed(journey, headers) : serve(journey, target);
  return { journey, turn };
}

function nobodyListens(plan: CompiledPlan, request: ModelRequest): string {
  const unresolved = plan.servers.flatMap(({ unresolved }) => unresolved)[0];
  if (unresolved !== undefined) return `which address listen ${unresolved.args.join(' ')} means`;
  return `a server that listens on ${request.local.address}:${request.local.port}`;
}

function createJourney(plan: CompiledPlan, request: ModelRequest, world: World, lift: ReadonlySet<string>, group: Group, target: Target): Journey {
  const server = group.defaultServer;
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
    tried: null,
  };
  return journey;
}

function malformed(journey: Journey, { status, why }: Malformed): Turn {
  return fail(journey, status, null, why);
}

function serve(journey: Journey, target: Target): Turn {
  const { request, group } = journey;
  const sent = target.host ?? header(request.headers, 'host') ?? null;
  const host = sent === null ? null : validateHost(sent);
  if (sent !== null && host === null) return malformed(journey, { status: 400, why: 'the Host is malformed' });
  journey.state.host = host;
  journey.phase = 'server';
  const chosen = chooseServer(journey, group, host ?? '');
  if (chosen.kind !== 'on') return chosen;
  noteUnread(journey);
  journey.phase = 'accept';
  const wrong = judgeHeaders(request, request.headers, target);
  if (wrong !== null) return malformed(journey, wrong);
  return judgeTls(journey);
}

/** The server of the Host; the one SNI chose stays when both name the same. */
function chooseServer(journey: Journey, group: Group, host: string): Turn {
  const serverName = journey.request.tls?.serverName ?? null;
  const asked = serverName === null ? null : validateHost(serverName);
  const negotiated = asked === null ? null : findByName(group.names, asked, null);
  if (negotiated?.how === 'unknown') {
    doubt(journey, null, 'the server for the TLS name is not known', negotiated.missing);
    return LOST;
  }
  if (negotiated !== null) settle(journey, negotiated.server, negotiated.how);
  if (negotiated === null || asked !== host) {
    const named = findByName(group.names, host, journey.state);
    if (named?.how === 'unknown') {
      doubt(journey, null, 'the server for the Host is not known', named.missing);
      return LOST;
    }
    // ngx_http_set_virtual_server: another name than the negotiated one may not reach a server that asks for certificates.
    const server = named?.server ?? group.defaultServer;
    if (negotiated !== null && server.tls.verify !== 'off') {
      return fail(journey, 421, server.tls.verifyDirective, `the Host ${host} differs from the TLS name ${asked ?? ''}, and its server verifies client certificates`);
    }
    if (named !== null) settle(journey, named.server, named.how);
    else if (negotiated !== null && host !== '') settle(journey, group.defaultServer, 'default');
  } else if (negotiated.how === 'regex') findByName(group.names, host, journey.state);
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
