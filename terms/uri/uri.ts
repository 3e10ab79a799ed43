import { Fault } from '@why403/terms/fault';
import { removeDotSegments } from './dot-segments.ts';
import { printHost, readHost, type ToAscii } from './host.ts';

export type Scheme = 'http' | 'https';

/** An http or https URL in its parts. What goes over the wire is `path` and `query` as they stand here. */
export interface Uri {
  readonly scheme: Scheme;
  /** False when none was written and http was taken, as curl does. */
  readonly isSchemeWritten: boolean;
  /** Percent-decoded. */
  readonly userinfo: { readonly user: string; readonly password: string } | null;
  /** Without brackets; may carry an IPv6 zone. */
  readonly hostname: string;
  readonly port: number;
  /** Begins with a slash. */
  readonly path: string;
  /** Without its question mark; null when there is none. */
  readonly query: string | null;
  /** Never sent. */
  readonly fragment: string | null;
  /** The path before dot segments were removed, when that changed it. */
  readonly pathWritten: string | null;
}

export interface UriReading {
  readonly toAscii: ToAscii;
  /** `as-is` keeps `/../` and `/./`, as curl's --path-as-is does. */
  readonly dotSegments: 'remove' | 'as-is';
}

const IN_URL = 'the URL';
const DEFAULT_PORTS: Readonly<Record<Scheme, number>> = { http: 80, https: 443 };

function fault(
  code: 'url/empty' | 'url/character' | 'url/scheme' | 'url/port' | 'url/userinfo',
  message: string,
  column: number,
  hint?: string,
): Fault {
  return new Fault(code, message, { where: { in: IN_URL, column }, ...(hint === undefined ? {} : { hint }) });
}

/** The first character that can't stand in a request line, or null. Curl refuses these too, in the same places. */
function findBadCharacter(text: string): Fault | null {
  const at = text.search(/[\p{Cc} \p{Cs}]/u);
  if (at === -1) return null;
  const code = text.codePointAt(at) ?? 0;
  const hint = 'Write it percent-encoded, a space as %20.';
  if (code === 0x20)
    return fault('url/character', 'The URL holds a space.', at + 1, `${hint} If the shell split or joined words, put the URL in quotes.`);
  if (code >= 0xd800 && code <= 0xdfff) return fault('url/character', 'The URL holds half a surrogate pair.', at + 1);
  return fault('url/character', `The URL holds a control character (code ${code}).`, at + 1, hint);
}

/** Curl percent-encodes what is not ASCII in a path, in lower case, and leaves everything else alone. */
export function encodeNonAscii(text: string): string {
  return text.replace(/[^\p{ASCII}]+/gu, (run) => encodeURIComponent(run).toLowerCase());
}

function readUserinfo(text: string, column: number): Uri['userinfo'] | Fault {
  const colon = text.indexOf(':');
  try {
    const user = decodeURIComponent(colon === -1 ? text : text.slice(0, colon));
    const password = colon === -1 ? '' : decodeURIComponent(text.slice(colon + 1));
    if (/\p{Cc}/u.test(user + password)) return fault('url/userinfo', 'The name or password in the URL holds a control character.', column);
    return { user, password };
  } catch {
    return fault(
      'url/userinfo',
      'The name or password in the URL holds a broken percent escape.',
      column,
      'A % in a password is written %25.',
    );
  }
}

function readPort(text: string, scheme: Scheme, column: number): number | Fault {
  // RFC 3986 §3.2.3: an empty port is the scheme's own
  if (text === '') return DEFAULT_PORTS[scheme];
  const port = /^[0-9]{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 1 && port <= 65_535) return port;
  // only digits are quoted: anything else may be a password with a raw slash in it
  const named = /^[0-9]{1,7}$/.test(text) ? `Port ${text} does not exist.` : 'What follows the colon of the host is no port.';
  return fault('url/port', named, column, 'A port is a number from 1 to 65535; a / in a password is written %2F.');
}

function splitPort(text: string): { readonly host: string; readonly port: string; readonly portAt: number } {
  const colon = text.startsWith('[') ? text.indexOf(':', text.indexOf(']') + 1) : text.indexOf(':');
  const end = text.startsWith('[') && !text.includes(']') ? text.length : colon === -1 ? text.length : colon;
  return { host: text.slice(0, end), port: text.slice(end + 1), portAt: end + 1 };
}

function readTarget(rest: string, reading: UriReading): Pick<Uri, 'path' | 'query' | 'fragment' | 'pathWritten'> {
  const hash = rest.indexOf('#');
  const sent = hash === -1 ? rest : rest.slice(0, hash);
  const mark = sent.indexOf('?');
  const written = encodeNonAscii(mark === -1 ? sent : sent.slice(0, mark)) || '/';
  const path = reading.dotSegments === 'as-is' ? written : removeDotSegments(written);
  return {
    path,
    // a query goes out as it is, in UTF-8
    query: mark === -1 ? null : sent.slice(mark + 1),
    fragment: hash === -1 ? null : rest.slice(hash + 1),
    pathWritten: path === written ? null : written,
  };
}

/**
 * Reads an http or https URL as curl reads it on its command line, and returns a fault that names the
 * place when it can't. Nothing is normalized beyond what curl itself changes before sending.
 */
export function parseUri(text: string, reading: UriReading): Uri | Fault {
  if (text === '') return fault('url/empty', 'The URL is empty.', 1);
  const bad = findBadCharacter(text);
  if (bad !== null) return bad;
  // curl takes one to three slashes behind the scheme
  const prefix = /^([A-Za-z][A-Za-z0-9+.-]*):\/{1,3}/.exec(text);
  const scheme = (prefix?.[1] ?? 'http').toLowerCase();
  if (scheme !== 'http' && scheme !== 'https') {
    return fault(
      'url/scheme',
      `The scheme ${JSON.stringify(scheme)} is not http or https.`,
      1,
      'Only http and https requests can be diagnosed.',
    );
  }
  const start = prefix?.[0].length ?? 0;
  const end = start + text.slice(start).search(/[/?#]|$/);
  const authority = text.slice(start, end);
  const at = authority.indexOf('@');
  const userinfo = at === -1 ? null : readUserinfo(authority.slice(0, at), start + 1);
  if (userinfo instanceof Fault) return userinfo;
  const hostAt = start + at + 1;
  const parts = splitPort(authority.slice(at + 1));
  const hostname = readHost(parts.host, hostAt + 1, reading.toAscii);
  if (hostname instanceof Fault) return hostname;
  const port = readPort(parts.port, scheme, hostAt + parts.portAt + 1);
  if (port instanceof Fault) return port;
  return { scheme, isSchemeWritten: prefix !== null, userinfo, hostname, port, ...readTarget(text.slice(end), reading) };
}

/** Path and query as they go over the wire. */
export function targetOf(uri: Pick<Uri, 'path' | 'query'>): string {
  return uri.query === null ? uri.path : `${uri.path}?${uri.query}`;
}

/** Host and port as they stand in a Host field: the scheme's own port is left out. */
export function authorityOf(uri: Pick<Uri, 'scheme' | 'hostname' | 'port'>): string {
  const host = printHost(uri.hostname);
  return uri.port === DEFAULT_PORTS[uri.scheme] ? host : `${host}:${uri.port}`;
}

/** A reference such as a Location field resolved against the URL it came from (RFC 3986 §5.2), as text. */
export function resolveReference(base: Pick<Uri, 'scheme' | 'hostname' | 'port' | 'path' | 'query'>, reference: string): string {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(reference)) return reference;
  if (reference.startsWith('//')) return `${base.scheme}:${reference}`;
  const origin = `${base.scheme}://${authorityOf(base)}`;
  if (reference.startsWith('/')) return origin + reference;
  if (reference.startsWith('?')) return origin + base.path + reference;
  if (reference === '' || reference.startsWith('#')) return origin + targetOf(base) + reference;
  return `${origin}${base.path.slice(0, base.path.lastIndexOf('/') + 1)}${reference}`;
}
