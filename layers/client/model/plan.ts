/** How a question is put to a server: everything about sending that the request itself does not show. */
export interface SendPlan {
  /** Whether it may go out at all, and if not, why: a sentence. */
  readonly send: { readonly allowed: true } | { readonly allowed: false; readonly why: string };
  /** The body's bytes; null for none. */
  readonly body: Uint8Array | null;
  /** Follow redirects, each as its own question; 0 for none. */
  readonly redirects: number;
  /** Send credentials to the other hosts that redirects lead to. */
  readonly isLocationTrusted: boolean;
  /** `--resolve`: addresses for a name and port, before any look-up. The last that fits wins. */
  readonly overrides: readonly Override[];
  /** `--connect-to`: another host and port to connect to; the request stays the same. */
  readonly connectTo: readonly ConnectTo[];
  readonly family: 4 | 6 | null;
  readonly proxy: Proxy | null;
  readonly tls: TlsPlan;
  /** Milliseconds for the whole exchange. */
  readonly maxTime: number;
  /** Milliseconds until the connection stands, TLS included. */
  readonly connectTimeout: number;
  /** The random mark in the User-Agent, or null when the person set their own. */
  readonly mark: string | null;
}

export interface Override {
  /** Lower case; `*` for any. */
  readonly hostname: string;
  readonly port: number;
  /** Without brackets; empty removes an earlier override, as curl's `-HOST:PORT` does. */
  readonly addresses: readonly string[];
}

export interface ConnectTo {
  /** Empty for any. */
  readonly fromHost: string;
  readonly fromPort: number | null;
  /** Empty: unchanged. */
  readonly toHost: string;
  readonly toPort: number | null;
}

export interface Proxy {
  readonly scheme: 'http' | 'https';
  readonly hostname: string;
  readonly port: number;
  /** The value of Proxy-Authorization; a secret. */
  readonly authorization: string | null;
  /** Use CONNECT also for http. */
  readonly isTunnel: boolean;
  /** Where it was set: `--proxy`, or the name of a variable of the environment. */
  readonly from: string;
}

export interface TlsPlan {
  /** False with `--insecure`: the certificate is looked at, but an untrusted one does not end the exchange. */
  readonly isVerified: boolean;
  /** Paths of PEM files. */
  readonly certificate: string | null;
  readonly key: string | null;
  /** Of the key; a secret. */
  readonly passphrase: string | null;
  readonly authorities: string | null;
  readonly minVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' | null;
  readonly maxVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' | null;
}

/** The addresses that overrides give for a host and port, or null when none speaks of them. */
export function overrideFor(overrides: readonly Override[], hostname: string, port: number): readonly string[] | null {
  const name = hostname.toLowerCase();
  const fitting = overrides.filter((override) => override.port === port && (override.hostname === name || override.hostname === '*'));
  // a rule for the very name outranks `*`, as in curl's DNS cache
  const chosen = fitting.findLast((override) => override.hostname === name) ?? fitting.at(-1);
  return chosen === undefined || chosen.addresses.length === 0 ? null : chosen.addresses;
}
