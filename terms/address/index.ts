/** An IP address, or the path-less address of a Unix socket. Bytes are in network order. */
export type Address =
  | { readonly family: 'v4'; readonly bytes: readonly number[] }
  | { readonly family: 'v6'; readonly bytes: readonly number[] }
  | { readonly family: 'unix'; readonly bytes: readonly [] };

/** A network as nginx's `allow`, `deny`, `set_real_ip_from` and `geo` take it. `prefix` counts bits. */
export interface Network {
  readonly family: 'v4' | 'v6';
  /** With the bits behind the prefix cleared. */
  readonly bytes: readonly number[];
  readonly prefix: number;
  /** Bits behind the prefix were set: nginx warns that they are meaningless and clears them. */
  readonly hadLowBits: boolean;
}

const UNIX: Address = { family: 'unix', bytes: [] };
const DIGITS = /^[0-9]+$/;

/** nginx's ngx_inet_addr: four decimal octets, leading zeros and empty octets allowed, no broadcast address. */
function parseV4(text: string): number[] | null {
  const bytes: number[] = [];
  let octet = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) {
      octet = octet * 10 + (code - 48);
      if (octet > 255) return null;
    } else if (code === 46) {
      bytes.push(octet);
      octet = 0;
    } else {
      return null;
    }
  }
  bytes.push(octet);
  // 255.255.255.255 is INADDR_NONE, by which nginx says "no address".
  return bytes.length === 4 && !bytes.every((byte) => byte === 255) ? bytes : null;
}

const GROUP = /^[0-9a-fA-F]{1,4}$/;

/** nginx's ngx_inet6_addr: no zone, at most one `::`, an IPv4 tail where two groups would stand. */
function parseV6(text: string): number[] | null {
  let rest = text.startsWith(':') && !text.startsWith('::') ? text.slice(1) : text;
  const bytes: number[] = [];
  let gap = -1;
  if (rest.startsWith('::')) {
    gap = 0;
    rest = rest.slice(2);
    if (rest === '') return Array.from({ length: 16 }, () => 0);
  }
  while (rest !== '') {
    const colon = rest.indexOf(':');
    const group = colon < 0 ? rest : rest.slice(0, colon);
    if (group.includes('.')) {
      const tail = colon < 0 && (bytes.length > 0 || gap === 0) ? parseV4(group) : null;
      if (tail === null) return null;
      bytes.push(...tail);
      break;
    }
    if (!GROUP.test(group)) return null;
    const word = Number.parseInt(group, 16);
    bytes.push(word >> 8, word & 255);
    if (colon < 0) break;
    rest = rest.slice(colon + 1);
    if (rest.startsWith(':')) {
      if (gap >= 0) return null;
      gap = bytes.length;
      rest = rest.slice(1);
    } else if (rest === '') {
      return null;
    }
  }
  if (gap < 0) return bytes.length === 16 ? bytes : null;
  // At the end `::` stands for two groups at least: nginx counts one before it looks for the gap.
  if (bytes.length > (gap === bytes.length ? 12 : 14)) return null;
  const zeros = Array.from({ length: 16 - bytes.length }, () => 0);
  return [...bytes.slice(0, gap), ...zeros, ...bytes.slice(gap)];
}

/** An address as nginx reads one; `unix:` (with or without a path) gives the Unix family. Null: no address. */
export function parseAddress(text: string): Address | null {
  if (text.startsWith('unix:')) return UNIX;
  const v4 = parseV4(text);
  if (v4 !== null) return { family: 'v4', bytes: v4 };
  const v6 = parseV6(text);
  return v6 === null ? null : { family: 'v6', bytes: v6 };
}

/** An IP address that may carry a port: `192.0.2.1:80`, `[2001:db8::1]:80` (nginx's ngx_parse_addr_port). */
export function parseAddressPort(text: string): { readonly address: Address; readonly port: number | null } | null {
  const bare = text.startsWith('unix:') ? null : parseAddress(text);
  if (bare !== null) return { address: bare, port: null };
  const bracketed = text.startsWith('[');
  const end = text.indexOf(bracketed ? ']:' : ':');
  if (end < 0) return null;
  const digits = text.slice(end + (bracketed ? 2 : 1));
  const port = DIGITS.test(digits) ? Number(digits) : 0;
  if (port < 1 || port > 65_535) return null;
  const host = text.slice(bracketed ? 1 : 0, end);
  const address = host.startsWith('unix:') ? null : parseAddress(host);
  return address === null ? null : { address, port };
}

/** An address or CIDR as nginx's ngx_ptocidr takes it; null where nginx refuses the configuration. */
export function parseNetwork(text: string): Network | null {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === null || address.family === 'unix') return null;
  const bits = address.bytes.length * 8;
  const digits = text.slice(slash + 1);
  if (slash >= 0 && !DIGITS.test(digits)) return null;
  const prefix = slash < 0 ? bits : Number(digits);
  if (prefix > bits) return null;
  const bytes = address.bytes.map((byte, at) => byte & maskAt(prefix, at));
  const hadLowBits = bytes.some((byte, at) => byte !== address.bytes[at]);
  return { family: address.family, bytes, prefix, hadLowBits };
}

function maskAt(prefix: number, at: number): number {
  const bits = Math.min(8, Math.max(0, prefix - at * 8));
  return (0xff00 >> bits) & 0xff;
}

/** Whether the address lies in the network; families are compared as they are, see `unmapped`. */
export function contains(network: Network, address: Address): boolean {
  if (network.family !== address.family) return false;
  const whole = network.prefix >> 3;
  for (let at = 0; at < whole; at++) {
    if (network.bytes[at] !== address.bytes[at]) return false;
  }
  const byte = address.bytes[whole];
  return byte === undefined || (byte & maskAt(network.prefix, whole)) === network.bytes[whole];
}

/** An IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2) as IPv4, others unchanged: nginx's access, realip and geo compare so. */
export function unmapped(address: Address): Address {
  if (address.family !== 'v6' || address.bytes[10] !== 255 || address.bytes[11] !== 255) return address;
  for (let at = 0; at < 10; at++) if (address.bytes[at] !== 0) return address;
  return { family: 'v4', bytes: address.bytes.slice(12) };
}

/** As nginx prints it in `$remote_addr`: the longest run of zero groups shortened, mapped ones with an IPv4 tail. */
export function printAddress(address: Address): string {
  if (address.family === 'unix') return 'unix:';
  if (address.family === 'v4') return address.bytes.join('.');
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(((address.bytes[at] ?? 0) << 8) | (address.bytes[at + 1] ?? 0));
  const run = longestZeroRun(groups);
  const [high = 0, low = 0] = address.bytes.slice(14);
  // ngx_inet6_ntop: IPv4-mapped, IPv4-compatible, and a lone last group that looks like the latter.
  const mapped =
    run.start === 0 && (run.length === 6 || (run.length === 5 && groups[5] === 0xffff) || (run.length === 7 && high !== 0 && low !== 1));
  const hex = groups.map((group) => group.toString(16));
  const tail = mapped ? [address.bytes.slice(12).join('.')] : [];
  const shown = mapped ? hex.slice(0, 6) : hex;
  if (run.length < 2) return shown.join(':');
  const before = shown.slice(0, run.start).join(':');
  return `${before}::${[...shown.slice(run.start + run.length), ...tail].join(':')}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: -1, length: 0 };
  for (let at = 0; at < groups.length; at++) {
    let length = 0;
    while (groups[at + length] === 0) length++;
    if (length > best.length) best = { start: at, length };
    at += length;
  }
  return best;
}

/** `192.0.2.0/24`; a single address without its prefix. */
export function printNetwork(network: Network): string {
  const address = printAddress({ family: network.family, bytes: network.bytes });
  return network.prefix === network.bytes.length * 8 ? address : `${address}/${network.prefix}`;
}
