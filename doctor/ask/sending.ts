import type { ConnectTo, Override, SendPlan, TlsPlan } from '@why403/client';
import { parseAddress, printAddress } from '@why403/terms/address';
import { badValue, type Draft } from './draft.ts';
import type { AskSettings } from './ports.ts';

const DEFAULT_MAX_TIME = 10_000;
const LONGEST = 86_400;
/** RFC 9110 §9.2.1: the safe methods, of which TRACE is not asked for. */
const HARMLESS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];
/** Curl's own bound. */
const MOST_REDIRECTS = 50;

function readSeconds(draft: Draft, flag: '--max-time' | '--connect-timeout', fallback: number): number {
  const text = draft.last(flag);
  if (text === null) return fallback;
  const seconds = /^[0-9]{1,6}(?:\.[0-9]{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds > 0 && seconds <= LONGEST)) throw badValue(flag, `${flag} needs a number of seconds above 0.`);
  return Math.round(seconds * 1000);
}

function readPort(text: string): number | null {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return port >= 1 && port <= 65_535 ? port : null;
}

/** `HOST:PORT:ADDRESS[,ADDRESS]…`, `+` in front for a timeout that has no meaning here, `-HOST:PORT` to remove. */
function readOverride(text: string): Override {
  const match = /^([+-]?)(\[[^\]]+\]|[^:]+):([0-9]+)(?::(.*))?$/.exec(text);
  const port = readPort(match?.[3] ?? '');
  const hostname = match?.[2]?.replace(/^\[|\]$/g, '').toLowerCase();
  if (match === null || port === null || hostname === undefined) throw badValue('--resolve', '--resolve is written HOST:PORT:ADDRESS.');
  if (match[1] === '-') return { hostname, port, addresses: [] };
  const addresses = (match[4] ?? '').split(',').map((part) => {
    const address = parseAddress(part.trim().replace(/^\[|\]$/g, ''));
    if (address === null || address.family === 'unix')
      throw badValue('--resolve', '--resolve needs an IPv4 or IPv6 address behind HOST:PORT.');
    return printAddress(address);
  });
  return { hostname, port, addresses };
}

function readConnectTo(text: string): ConnectTo {
  const match = /^(\[[^\]]*\]|[^:]*):([0-9]*):(\[[^\]]*\]|[^:]*):([0-9]*)$/.exec(text);
  if (match === null) throw badValue('--connect-to', '--connect-to is written HOST1:PORT1:HOST2:PORT2; each part may be empty.');
  const [, fromHost = '', fromPort = '', toHost = '', toPort = ''] = match;
  const bare = (host: string): string => host.replace(/^\[|\]$/g, '');
  const port = (part: string): number | null => {
    const number = readPort(part);
    if (part !== '' && number === null) throw badValue('--connect-to', 'A port is a number from 1 to 65535.');
    return number;
  };
  return { fromHost: bare(fromHost), fromPort: port(fromPort), toHost: bare(toHost), toPort: port(toPort) };
}

const VERSIONS = { '--tlsv1.0': 'TLSv1', '--tlsv1.1': 'TLSv1.1', '--tlsv1.2': 'TLSv1.2', '--tlsv1.3': 'TLSv1.3' } as const;
const MAXIMA: Readonly<Record<string, TlsPlan['maxVersion']>> = {
  default: null,
  '1.0': 'TLSv1',
  '1.1': 'TLSv1.1',
  '1.2': 'TLSv1.2',
  '1.3': 'TLSv1.3',
};

/** `-E FILE[:PASSWORD]`; a colon in a path is written `\:`. */
function splitCertificate(text: string): { readonly path: string; readonly passphrase: string | null } {
  const match = /^((?:[^:\\]|\\.)*)(?::(.*))?$/s.exec(text);
  return { path: (match?.[1] ?? text).replace(/\\([:\\])/g, '$1'), passphrase: match?.[2] ?? null };
}

function readTls(draft: Draft): TlsPlan {
  const given = draft.last('--cert');
  const certificate = given === null ? null : splitCertificate(given);
  const min = draft.lastOf('--tlsv1.0', '--tlsv1.1', '--tlsv1.2', '--tlsv1.3');
  const max = draft.last('--tls-max');
  if (max !== null && !Object.hasOwn(MAXIMA, max)) throw badValue('--tls-max', '--tls-max is one of 1.0, 1.1, 1.2, 1.3 and default.');
  return {
    isVerified: !draft.has('--insecure'),
    certificate: certificate?.path ?? null,
    key: draft.last('--key'),
    passphrase: draft.last('--pass') ?? certificate?.passphrase ?? null,
    authorities: draft.last('--cacert'),
    minVersion: min === null ? null : VERSIONS[min],
    maxVersion: max === null ? null : (MAXIMA[max] ?? null),
  };
}

function readRedirects(draft: Draft): number {
  if (!draft.has('--location', '--location-trusted')) return 0;
  const text = draft.last('--max-redirs');
  if (text === null) return MOST_REDIRECTS;
  if (!/^(?:[0-9]{1,4}|-1)$/.test(text)) throw badValue('--max-redirs', '--max-redirs needs a whole number.');
  return text === '-1' ? MOST_REDIRECTS : Math.min(Number(text), MOST_REDIRECTS);
}

/** Whether a request may go out: one GET, HEAD or OPTIONS without a body; others and doubtful ones only when told. */
export function mayGoOut(method: string, hasBody: boolean, settings: AskSettings): SendPlan['send'] {
  const { from, as: account } = settings;
  if ((from !== undefined || account !== undefined) && !settings.mayProbe) {
    const other = from === undefined ? `the server ran as ${account}` : `the client were at ${from}`;
    return { allowed: false, why: `What would be if ${other} is worked out and not asked, so nothing was sent.` };
  }
  if (settings.hasEvidence && !settings.mayProbe) {
    return { allowed: false, why: 'Evidence was given, so nothing was sent; with --probe the request goes out as well.' };
  }
  if (settings.maySend || (HARMLESS.includes(method) && !hasBody)) return { allowed: true };
  const what = HARMLESS.includes(method) ? `A ${method} with a body` : `The method ${method}`;
  return { allowed: false, why: `${what} may change something on the server, so nothing was sent; with --send the request goes out.` };
}

/** The part of the plan that flags alone decide. */
export function readSending(draft: Draft): Omit<SendPlan, 'send' | 'body' | 'proxy' | 'mark'> {
  const maxTime = readSeconds(draft, '--max-time', DEFAULT_MAX_TIME);
  const family = draft.lastOf('--ipv4', '--ipv6');
  return {
    redirects: readRedirects(draft),
    isLocationTrusted: draft.has('--location-trusted'),
    overrides: draft.all('--resolve').map(({ value }) => readOverride(value)),
    connectTo: draft.all('--connect-to').map(({ value }) => readConnectTo(value)),
    family: family === null ? null : family === '--ipv4' ? 4 : 6,
    tls: readTls(draft),
    maxTime,
    connectTimeout: Math.min(readSeconds(draft, '--connect-timeout', maxTime), maxTime),
  };
}
