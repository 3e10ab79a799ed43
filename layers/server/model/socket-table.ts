import { parseAddress, printAddress, unmapped } from '@why403/terms/address';

/** A listening TCP socket of /proc/net/tcp or tcp6. */
export interface ListeningSocket {
  readonly family: 4 | 6;
  readonly address: string;
  readonly port: number;
  /** The account that made it. */
  readonly uid: number;
  readonly inode: string;
}

export type Endianness = 'LE' | 'BE';

/** The kernel prints each 32-bit word of an address as a number, in the machine's own byte order (proc_net(5)). */
function decodeAddress(hex: string, endianness: Endianness): string | null {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => {
    const pairs = word.match(/../g) ?? [];
    return endianness === 'LE' ? pairs.reverse() : pairs;
  });
  const text =
    words.length === 1
      ? bytes.map((byte) => Number.parseInt(byte, 16)).join('.')
      : bytes.map((byte, at) => (at % 2 === 1 && at < 15 ? `${byte}:` : byte)).join('');
  const address = parseAddress(text);
  return address === null ? null : printAddress(address);
}

/** TCP_LISTEN of include/net/tcp_states.h. */
const LISTEN = '0A';

/** Whether a line of a socket table is its heading or a listening socket. */
export function isListeningLine(line: string): boolean {
  const [number, , , state] = line.trim().split(/\s+/, 4);
  return number === 'sl' || state === LISTEN;
}

/** The listening sockets on `port` in the text of a socket table. */
export function parseListening(table: string, port: number, endianness: Endianness): readonly ListeningSocket[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    // most lines are other sockets: they are passed over before they are split
    if (!line.includes(wanted)) return [];
    const [, local = '', , state, , , , uid, , inode] = line.trim().split(/\s+/);
    if (state !== LISTEN || !local.endsWith(wanted) || inode === undefined) return [];
    const hex = local.slice(0, -wanted.length);
    const address = decodeAddress(hex, endianness);
    return address === null ? [] : [{ family: hex.length === 8 ? 4 : 6, address, port, uid: Number(uid), inode }];
  });
}

/**
 * The sockets that a connection to `address` reaches, as the kernel scores them (compute_score in
 * net/ipv4/inet_hashtables.c): the very address, then the wildcard of the family, then `::` for IPv4.
 * Several share one rank with SO_REUSEPORT.
 */
export function socketsFor(sockets: readonly ListeningSocket[], address: string): readonly ListeningSocket[] {
  const parsed = parseAddress(address.replace(/%.*$/, ''));
  if (parsed === null) return [];
  const text = printAddress(unmapped(parsed));
  const isV4 = unmapped(parsed).family === 'v4';
  const rank = (socket: ListeningSocket): number => {
    const own = parseAddress(socket.address);
    if (own !== null && printAddress(unmapped(own)) === text) return 0;
    if (isV4) return socket.address === '0.0.0.0' ? 1 : socket.address === '::' ? 2 : 9;
    return socket.address === '::' ? 1 : 9;
  };
  const best = Math.min(...sockets.map(rank), 9);
  return best === 9 ? [] : sockets.filter((socket) => rank(socket) === best);
}
