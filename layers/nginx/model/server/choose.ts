import { validateHost } from '../accept/host.ts';
import { doubt, fail, type Journey, LOST, note, ON, type Turn } from '../journey.ts';
import type { Group, Server } from './compile.ts';
import { findByName, type NameFound } from './names.ts';

/** The server of the Host; the one SNI chose stays when both name the same. */
export function chooseServer(journey: Journey, group: Group, host: string, negotiated: NameFound<Server>): Turn {
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
    return fail(
      journey,
      421,
      tls.verifyDirective,
      `the Host ${host} differs from the TLS name ${asked ?? ''}, and its server verifies client certificates`,
    );
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

/** The server whose settings count once a Host was read. */
export function serverOf(group: Group, host: string): Server {
  const found = group.hasNames ? findByName(group.names, host, null) : null;
  return found === null || found.how === 'unknown' ? group.defaultServer : found.server;
}

export function lostName(journey: Journey, what: string, missing: string): Turn {
  doubt(journey, null, `the server for the ${what} is not known`, missing);
  return LOST;
}

function noteServer(journey: Journey, host: string): Turn {
  const { server, how } = journey;
  const name = server.names.map(({ text }) => text ?? '$hostname').join(' ');
  note(
    journey,
    server.directive,
    how === 'default'
      ? `the default server takes Host ${host === '' ? '(none)' : host}`
      : `server_name ${name} takes Host ${host} (${how})`,
  );
  return ON;
}

function settle(journey: Journey, server: Server, how: Journey['how']): void {
  journey.server = server;
  journey.how = how;
  journey.scope = server.scope;
  journey.state.server = server.directive;
}
