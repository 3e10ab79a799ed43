/** Header fields in the order they go over the wire; a name may repeat. */
export type Headers = readonly (readonly [name: string, value: string])[];

/**
 * The request asked about, with nothing normalized away: `target` is the request target exactly as it is
 * sent (path and query, fragment removed).
 */
export interface Question {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** Name or address as written in the URL, without brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly target: string;
  /** As written by the person, including any Host of their own; holds secrets until redacted. */
  readonly headers: Headers;
  /** The length of the body in bytes; its content never leaves the collector. */
  readonly bodyLength: number;
  readonly httpVersion: '1.0' | '1.1' | '2';
  /** `--from`: judge as if the client were at this address. */
  readonly from?: string;
  /** `--as`: judge as if the server's worker ran as this account. */
  readonly as?: string;
  /** The certificates that the client presents when it is asked for one, its own first, as PEM; never a key. */
  readonly clientCertificate?: string;
}

/** One request that was really sent and what came back. Times are milliseconds since the epoch. */
export interface Exchange {
  readonly question: Question;
  /** The probe's own mark in its User-Agent, or null when the person set their own. */
  readonly mark: string | null;
  readonly sentAt: number;
  readonly receivedAt: number;
  readonly local: { readonly address: string; readonly port: number };
  readonly remote: { readonly address: string; readonly port: number };
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  /** At most 64 KiB of the decoded body, as latin1 text. */
  readonly body: string;
  readonly tls: { readonly protocol: string; readonly authorized: boolean; readonly problem: string | null } | null;
}

/** The first field of that name, compared without case, or undefined. */
export function header(headers: Headers, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return headers.find(([key]) => key.toLowerCase() === wanted)?.[1];
}
