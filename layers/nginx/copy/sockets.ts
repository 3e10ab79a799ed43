import { type Address, parseAddress, unmapped } from '@why403/terms/address';
import type { Directive } from '../model/syntax/index.ts';

/** One address and port that the real server listens on. The same key means the same socket, shared by servers. */
export interface ListenSocket {
  readonly key: string;
  readonly family: 'v4' | 'v6' | 'unix' | 'name';
  /** Null for a wildcard. */
  readonly address: Address | null;
  readonly port: number;
}

/** One `listen` of a server, or what stands for a missing one. */
export interface Listening {
  readonly sockets: readonly ListenSocket[];
  /** The parameters that choose a server or a protocol; those that only tune the socket are left out. */
  readonly flags: readonly string[];
  readonly hasProxyProtocol: boolean;
  /** An IPv6 wildcard that takes IPv4 too (`ipv6only=off`; ngx_http_core_listen has it on by default). */
  readonly takesV4: boolean;
}

const FLAGS = new Set(['default_server', 'default', 'ssl', 'http2', 'spdy', 'proxy_protocol']);

/** What the meaning of `listen` hangs on besides what is written. */
export interface ListenFacts {
  /** Whether the master runs as root. */
  readonly isMasterRoot: boolean;
  /** The addresses of `localhost`. Other names aren't looked up: that would ask somebody outside. */
  readonly localhost: readonly string[];
}

/** What a server listens on; without a `listen` that is `*:80`, or `*:8000` when the master is not root. */
export function listeningsOf(server: Directive, { isMasterRoot, localhost }: ListenFacts): readonly Listening[] {
  const written = (server.block ?? []).filter((directive) => directive.name === 'listen');
  if (written.length > 0) return written.map((directive) => readListen(directive, localhost));
  const port = isMasterRoot ? 80 : 8000;
  return [{ sockets: [socketOf('v4', null, port)], flags: [], hasProxyProtocol: false, takesV4: false }];
}

function readListen(directive: Directive, localhost: readonly string[]): Listening {
  const [value = '', ...parameters] = directive.args;
  const isQuic = parameters.includes('quic');
  return {
    // QUIC runs over UDP, on which nobody asks; such a listener admits no connection of ours.
    sockets: isQuic ? [] : socketsOf(value, localhost),
    flags: parameters.filter((parameter) => FLAGS.has(parameter)),
    hasProxyProtocol: parameters.includes('proxy_protocol'),
    takesV4: parameters.includes('ipv6only=off'),
  };
}

function socketsOf(value: string, localhost: readonly string[]): readonly ListenSocket[] {
  if (value.startsWith('unix:')) return [{ key: value, family: 'unix', address: null, port: 0 }];
  const match = /^(?:(\[[^\]]*\]|[^:[\]]+):)?(\d+)(?:-(\d+))?$/.exec(value);
  const host = match === null ? value : (match[1] ?? '');
  const first = Number(match?.[2] ?? 80);
  const last = Number(match?.[3] ?? first);
  const ports = Array.from({ length: Math.min(Math.max(last - first, 0), 65_535) + 1 }, (_, index) => first + index);
  return ports.flatMap((port) => hostsOf(host, localhost).map(([family, address]) => socketOf(family, address, port, host)));
}

function hostsOf(host: string, localhost: readonly string[]): readonly (readonly [ListenSocket['family'], Address | null])[] {
  if (host === '' || host === '*') return [['v4', null]];
  const address = parseAddress(host.replace(/^\[|\]$/g, ''));
  if (address !== null && address.family !== 'unix') return [[address.family, isZero(address) ? null : address]];
  if (host === 'localhost') {
    return localhost.flatMap((text) => {
      const one = parseAddress(text);
      return one === null || one.family === 'unix' ? [] : [[one.family, one] as const];
    });
  }
  return [['name', null]];
}

function socketOf(family: ListenSocket['family'], address: Address | null, port: number, host = ''): ListenSocket {
  const where = family === 'name' ? host : address === null ? '*' : address.bytes.join('.');
  return { key: `${family} ${where} ${port}`, family, address, port };
}

function isZero(address: Address): boolean {
  return address.bytes.every((byte: number) => byte === 0);
}

/** The socket that a connection to `local` is accepted on: an exact address before a wildcard of its port. */
export function chooseSocket(
  listenings: readonly Listening[],
  local: { readonly address: string; readonly port: number },
): ListenSocket | null {
  const parsed = parseAddress(local.address.replace(/^\[|\]$/g, ''));
  if (parsed === null) return null;
  const address = unmapped(parsed);
  const here = listenings
    .flatMap((listening) => listening.sockets.map((socket) => ({ socket, listening })))
    .filter(({ socket }) => socket.port === local.port);
  const exact = here.find(({ socket }) => socket.family === address.family && socket.address !== null && isSame(socket.address, address));
  const wildcard = here.find(({ socket }) => socket.family === address.family && socket.address === null);
  const dual = here.find(
    ({ socket, listening }) => address.family === 'v4' && socket.family === 'v6' && socket.address === null && listening.takesV4,
  );
  return (exact ?? wildcard ?? dual)?.socket ?? null;
}

function isSame(a: Address, b: Address): boolean {
  return a.bytes.length === b.bytes.length && a.bytes.every((byte: number, index) => byte === b.bytes[index]);
}
