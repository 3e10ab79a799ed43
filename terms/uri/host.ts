import { parseAddress, printAddress } from '@why403/terms/address';
import { Fault } from '@why403/terms/fault';

/** A name in its ASCII form (UTS 46, punycode), or an empty string when it has none. */
export type ToAscii = (name: string) => string;

const IN_URL = 'the URL';

/** The characters that curl refuses in a host: each would mean something else further on. */
const BAD = /[\s/:#?!@{}[\]\\$'"^`*<>=;,+&()%|]/u;

function hostFault(message: string, column: number, hint?: string): Fault {
  return new Fault('url/host', message, { where: { in: IN_URL, column }, ...(hint === undefined ? {} : { hint }) });
}

/** The numbers-and-dots forms of inet_aton(3), which curl reads: `127.1`, `0x7f000001`, `2130706433`. */
function readNumericV4(text: string): string | null {
  const parts = text.split('.');
  if (parts.length > 4) return null;
  const numbers: number[] = [];
  for (const part of parts) {
    if (!/^(?:0[xX][0-9a-fA-F]{1,8}|[0-9]{1,11})$/.test(part)) return null;
    const isOctal = part.length > 1 && part.startsWith('0') && !/^0x/i.test(part);
    if (isOctal && /[89]/.test(part)) return null;
    numbers.push(isOctal ? Number.parseInt(part, 8) : Number(part));
  }
  const last = numbers.pop();
  if (last === undefined || numbers.some((number) => number > 255) || last >= 256 ** (4 - numbers.length)) return null;
  const value = numbers.reduce((sum, number, index) => sum + number * 256 ** (3 - index), last);
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

function readBracketed(text: string, column: number): string | Fault {
  const inside = text.slice(1, -1);
  // RFC 6874: the zone's percent sign is itself encoded; the bare one is common too
  const zone = /%(?:25)?([^%]+)$/.exec(inside);
  const bare = zone === null ? inside : inside.slice(0, zone.index);
  const address = bare.includes(':') ? parseAddress(bare) : null;
  if (address === null || address.family === 'unix') return hostFault('The host in brackets is not an IPv6 address.', column + 1);
  return zone?.[1] === undefined ? printAddress(address) : `${printAddress(address)}%${zone[1]}`;
}

function decodePercent(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** The host of a URL: without brackets, addresses in their usual form, international names as punycode, ASCII names as written. */
export function readHost(written: string, column: number, toAscii: ToAscii): string | Fault {
  if (written === '') return hostFault('The URL names no host.', column, 'Write it as http://host/path.');
  if (written.startsWith('[') && written.endsWith(']')) return readBracketed(written, column);
  const decoded = decodePercent(written);
  if (decoded === null) return hostFault('The host holds a broken percent escape.', column);
  const bad = BAD.exec(decoded);
  if (bad !== null) {
    const hint = bad[0] === '@' ? 'An @ in a name or password is written %40.' : undefined;
    return hostFault(
      `The host holds ${JSON.stringify(bad[0])}, which no host name may.`,
      column + (decoded === written ? bad.index : 0),
      hint,
    );
  }
  const numeric = readNumericV4(decoded);
  if (numeric !== null) return numeric;
  // eslint-disable-next-line no-control-regex -- the range is "ASCII"
  if (/^[\x21-\x7e]+$/.test(decoded)) return decoded;
  const ascii = toAscii(decoded);
  return ascii === '' ? hostFault('The host is no valid international name.', column) : ascii;
}

/** A host as it stands in a Host field or a URL: IPv6 in brackets, without its zone (RFC 6874 §4). */
export function printHost(hostname: string): string {
  return hostname.includes(':') ? `[${hostname.replace(/%.*$/, '')}]` : hostname;
}
