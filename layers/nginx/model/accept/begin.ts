import { header } from '@why403/terms/request';
import type { ModelRequest, World } from '../trace.ts';
import type { Directive } from '../syntax/ast.ts';
import { doubt, fail, type Journey, note, type Turn } from '../journey.ts';
import type { CompiledPlan } from '../plan.ts';
import { chooseGroup } from '../server/address.ts';
import { chooseServer, lostName, serverOf } from '../server/choose.ts';
import type { Server } from '../server/compile.ts';
import { portOf } from '../server/listen.ts';
import type { NameFound } from '../server/names.ts';
import { setOut } from '../set-out.ts';
import { type Fields, judgeHeaders, type Malformed, readHeaders, readRequestLine } from './accept.ts';
import { Buffers } from './buffers.ts';
import { validateHost } from './host.ts';
import type { Target } from './target.ts';
import { certified, judgeTls, negotiate, rejectHandshake } from './tls.ts';

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
  const fields: Fields =
    'target' in line ? readHeaders(request, first, buffers, (host) => serverOf(group, host)) : { kept: [], failure: null };
  const read = 'target' in line ? request : { ...request, target: '', method: line.knowsMethod ? request.method : '' };
  const kept = { ...read, headers: fields.kept, tls: certified(request, first) };
  const journey = setOut({ plan, request: kept, world, lift, group, server: first }, target);
  note(
    journey,
    group.listen.directive,
    `${request.local.address}:${request.local.port} is served by ${group.servers.length} server${group.servers.length === 1 ? '' : 's'}`,
  );
  return { journey, turn: accept(journey, negotiated, line, fields.failure) };
}

function accept(
  journey: Journey,
  negotiated: NameFound<Server>,
  line: ReturnType<typeof readRequestLine>,
  failure: Malformed | null,
): Turn {
  if (negotiated?.how === 'unknown') return lostName(journey, 'TLS name', negotiated.missing);
  if (negotiated !== null) journey.how = negotiated.how;
  const { group, request } = journey;
  if (group.hasProxyProtocol)
    doubt(journey, group.listen.directive, 'the port expects the PROXY protocol', 'the PROXY protocol header of the connection');
  if (group.hasHttp2 && request.tls === null && request.httpVersion !== '2') {
    // Up to 1.25 such a port speaks nothing but HTTP/2; later versions tell the two apart.
    doubt(journey, group.listen.directive, 'the port speaks HTTP/2 without TLS', 'whether this version of nginx takes HTTP/1 there');
  }
  const rejected = rejectHandshake(journey);
  if (rejected.kind !== 'on') return rejected;
  if (!('target' in line)) return malformed(journey, line);
  return serve(journey, line.target, negotiated, failure);
}

/** A `listen` on a host name that may mean this very address. */
function unresolvedListen(plan: CompiledPlan, { local }: ModelRequest): Directive | null {
  for (const { unresolved } of plan.servers) {
    const found = unresolved.find((directive) => portOf(directive) === local.port);
    if (found !== undefined) return found;
  }
  return null;
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

function noteUnread(journey: Journey): void {
  for (const { path, why } of journey.plan.unread)
    doubt(journey, null, `${path} is included but could not be read`, `the text of ${path} (${why})`);
}
