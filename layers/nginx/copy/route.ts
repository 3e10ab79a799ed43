import { parseAddress, printAddress, unmapped } from '@why403/terms/address';
import type { Configuration, Directive } from '../model/syntax/index.ts';
import type { ModelRequest } from '../model/trace.ts';
import { chooseSocket, type ListenFacts, type Listening, type ListenSocket, listeningsOf } from './sockets.ts';

/** How a request gets to the copy of its listener. */
export type Route =
  | { readonly way: 'plain'; readonly socket: ListenSocket; readonly from: string }
  /** By a Unix socket, with the client's address told by the PROXY protocol. */
  | { readonly way: 'told'; readonly socket: ListenSocket; readonly told: string }
  | { readonly way: 'none'; readonly why: string };

export interface Router {
  /** Whether the configuration resolves clients' addresses itself. */
  readonly hasRealip: boolean;
  route(request: ModelRequest, client: string | null): Route;
}

/** Finds each request's listener, and whether its client can be played from loopback. Pure. */
export function routerOf(
  configuration: Configuration,
  about: { readonly listening: ListenFacts; readonly hasV6: boolean; readonly canTell: boolean },
): Router {
  const http = configuration.directives.filter((directive) => directive.name === 'http');
  const servers = http.flatMap((block) => (block.block ?? []).filter((directive) => directive.name === 'server'));
  const listenings = servers.flatMap((server) => listeningsOf(server, about.listening));
  const hasRealip = http.some((block) => holds(block, 'set_real_ip_from'));
  return { hasRealip, route: (request, client) => route(listenings, { ...about, hasRealip }, request, client) };
}

function route(
  listenings: readonly Listening[],
  about: { readonly hasRealip: boolean; readonly hasV6: boolean; readonly canTell: boolean },
  request: ModelRequest,
  client: string | null,
): Route {
  const socket = chooseSocket(listenings, request.local);
  if (socket === null) return { way: 'none', why: `nothing listens on ${request.local.address} port ${request.local.port}` };
  const peer = parseAddress(request.peer.address);
  if (peer === null) return { way: 'none', why: `${request.peer.address} is no address` };
  const expectsLine = listenings.some((listening) => listening.hasProxyProtocol && listening.sockets.some(({ key }) => key === socket.key));
  const family = unmapped(peer).family;
  if (!expectsLine && family === socket.family && isLoopback(request.peer.address) && (family === 'v4' || about.hasV6)) {
    return { way: 'plain', socket, from: printAddress(unmapped(peer)) };
  }
  if (!about.canTell) return { way: 'none', why: 'this nginx was built without the realip module, so only loopback clients can be played' };
  const told = about.hasRealip ? client : printAddress(peer);
  const address = told === null ? null : parseAddress(told);
  if (told === null || address === null || address.family === 'unix')
    return { way: 'none', why: "the client's address after realip is not known" };
  // A socket for both families shows IPv4 clients as mapped addresses (RFC 4291, 2.5.5.2), and so do its variables.
  return { way: 'told', socket, told: socket.family === 'v6' && address.family === 'v4' && !about.hasRealip ? `::ffff:${told}` : told };
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');
}

function holds(block: Directive, name: string): boolean {
  return (block.block ?? []).some((directive) => directive.name === name || holds(directive, name));
}
