import type { AccessEntry } from './log-format.ts';
import type { ErrorEntry } from './error-line.ts';

/** What is known of a request whose entries are sought. */
export interface Sought {
  readonly method: string;
  /** As sent. */
  readonly target: string;
  readonly httpVersion: '1.0' | '1.1' | '2';
  /** A word in the User-Agent that no other request has, or null. */
  readonly mark: string | null;
  /** The client's address as the server's socket saw it; null when unknown. */
  readonly client: string | null;
  /** The Host field or the `:authority`, or null. */
  readonly host: string | null;
  readonly status: number | null;
  /** When it was under way, in milliseconds since the epoch; null when unknown. */
  readonly during: { readonly from: number; readonly to: number } | null;
  /** Seconds by which the server's clock is ahead of UTC, which an error log doesn't tell; null when unknown. */
  readonly zone: number | null;
}

export interface Joined<T> {
  readonly entries: readonly T[];
  /** `exact`: it can be no other request; `likely`: nothing tells it from another just like it. */
  readonly certainty: 'exact' | 'likely' | 'none';
}

/** Entries of an access log that belong to the request: by its mark, else by everything known of it. */
export function joinAccess(entries: readonly AccessEntry[], sought: Sought): Joined<AccessEntry> {
  const { mark } = sought;
  if (mark !== null) {
    const marked = entries.filter((entry) => entry.values.get('http_user_agent')?.includes(mark));
    if (marked.length > 0) return { entries: marked, certainty: 'exact' };
    // A format with the User-Agent would show the mark, if the request were there.
    if (entries.some((entry) => entry.values.has('http_user_agent'))) return { entries: [], certainty: 'none' };
  }
  const found = entries.filter((entry) => fits(entry, sought));
  return { entries: found, certainty: found.length === 0 ? 'none' : 'likely' };
}

function fits({ values }: AccessEntry, sought: Sought): boolean {
  const agrees = (variable: string, expected: string | null): boolean => {
    const value = values.get(variable);
    return value === undefined || expected === null || value === expected;
  };
  const namesRequest = values.has('request') || values.has('request_uri');
  const status = sought.status === null ? null : String(sought.status);
  return (
    namesRequest &&
    wasIn(accessTime(values), sought) &&
    agrees('request', requestLine(sought)) &&
    agrees('request_uri', sought.target) &&
    agrees('request_method', sought.method) &&
    agrees('status', status) &&
    agrees(values.has('realip_remote_addr') ? 'realip_remote_addr' : 'remote_addr', sought.client) &&
    agrees('http_host', sought.host)
  );
}

/** When an access log says that a request ended, in milliseconds since the epoch; null when its format doesn't tell. */
export function accessTime(values: ReadonlyMap<string, string>): number | null {
  const exact = values.get('msec');
  if (exact !== undefined && exact !== '') return Number(exact) * 1000;
  const iso = values.get('time_iso8601');
  if (iso !== undefined && iso !== '') return Date.parse(iso);
  const local = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)$/.exec(values.get('time_local') ?? '');
  if (local === null) return null;
  const [, day = '', name = '', year = '', time = '', hours = '', minutes = ''] = local;
  const month = String(MONTHS.indexOf(name) / 3 + 1).padStart(2, '0');
  const parsed = Date.parse(`${year}-${month}-${day}T${time}${hours}:${minutes}`);
  return Number.isNaN(parsed) ? null : parsed;
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

function wasIn(time: number | null, { during }: Sought): boolean {
  if (time === null || during === null) return true;
  return time >= during.from - SLACK * 1000 && time <= during.to + SLACK * 1000;
}

/**
 * Entries of an error log that belong to the request: those with its request line, in its time, and then
 * every entry of the same connection but those of another request. Since nginx writes what clients send as
 * it is, an entry that could be read in more than one way is never `exact`.
 */
export function joinErrors(entries: readonly ErrorEntry[], sought: Sought): Joined<ErrorEntry> {
  const line = requestLine(sought);
  const own = entries.filter(
    (entry) =>
      entry.request === line && (sought.host === null || entry.host === null || entry.host === sought.host) && inTime(entry, sought),
  );
  // realip puts another client into the entry than the socket had; it decides only between several.
  const preferred = own.filter((entry) => entry.client === sought.client);
  const chosen = preferred.length > 0 ? preferred : own;
  const connections = new Set(chosen.map(({ pid, connection }) => `${pid}*${connection ?? ''}`));
  const found = entries.filter(
    (entry) =>
      connections.has(`${entry.pid}*${entry.connection ?? ''}`) &&
      (entry.request === null || entry.request === line) &&
      inTime(entry, sought),
  );
  const isSure = connections.size === 1 && !found.some(({ isAmbiguous }) => isAmbiguous);
  return { entries: found, certainty: found.length === 0 ? 'none' : isSure ? 'exact' : 'likely' };
}

/** As nginx logs it: HTTP/2 requests get a request line of their own (ngx_http_v2_construct_request_line). */
export function requestLine({ method, target, httpVersion }: Sought): string {
  return `${method} ${target} HTTP/${httpVersion === '2' ? '2.0' : httpVersion}`;
}

/** Time zones differ by quarters of an hour. */
const QUARTER = 900;
const SLACK = 2;

function inTime(entry: ErrorEntry, { during, zone }: Sought): boolean {
  if (during === null) return true;
  const from = during.from / 1000 - SLACK;
  const to = during.to / 1000 + SLACK;
  if (zone !== null) return entry.clock - zone >= from && entry.clock - zone <= to;
  if (to - from >= QUARTER) return true;
  const shifted = entry.clock - QUARTER * Math.floor((entry.clock - from) / QUARTER);
  return shifted <= to;
}
