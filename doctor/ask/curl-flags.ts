/**
 * What why403 makes of one of curl's flags: `carried-out`, `no-effect` (it only changes what curl prints
 * or keeps), or `unsupported` (it would change the request in a way why403 does not carry out).
 */
export type FlagEffect = 'carried-out' | 'no-effect' | 'unsupported';

interface Row {
  readonly long: `--${string}`;
  readonly short?: `-${string}`;
  /** The placeholder of its value; absent for a switch. */
  readonly value?: string;
  readonly says: string;
  readonly isRepeatable?: true;
  readonly effect?: FlagEffect;
  /** Only understood inside a pasted curl command: why403's own command line gives the name another meaning or none. */
  readonly isPastedOnly?: true;
}

/** Curl's flags by their long names, with curl's meaning. The command line declares its options from this table. */
export const CURL_FLAGS = [
  { long: '--request', short: '-X', value: '<method>', says: 'use this method' },
  {
    long: '--header',
    short: '-H',
    value: '<field>',
    says: "add a header field; 'Name:' removes one, 'Name;' sends it empty, @FILE reads them",
    isRepeatable: true,
  },
  { long: '--data', short: '-d', value: '<data>', says: 'send this body; @FILE reads it without line ends', isRepeatable: true },
  { long: '--data-ascii', value: '<data>', says: 'the same as --data', isRepeatable: true },
  { long: '--data-raw', value: '<data>', says: 'send this body; @ means nothing', isRepeatable: true },
  { long: '--data-binary', value: '<data>', says: 'send this body; @FILE reads it as it is', isRepeatable: true },
  { long: '--data-urlencode', value: '<data>', says: 'send this body, percent-encoded', isRepeatable: true },
  { long: '--form', short: '-F', value: '<name=content>', says: 'send a multipart form; @FILE attaches a file', isRepeatable: true },
  { long: '--form-string', value: '<name=text>', says: 'send a multipart form; @ means nothing', isRepeatable: true },
  { long: '--json', value: '<data>', says: 'send this body as JSON', isRepeatable: true, isPastedOnly: true },
  { long: '--upload-file', short: '-T', value: '<file>', says: 'PUT this file' },
  { long: '--get', short: '-G', says: 'put the data into the query instead' },
  { long: '--head', short: '-I', says: 'ask with HEAD' },
  { long: '--cookie', short: '-b', value: '<data|file>', says: 'send these cookies, or those of a cookie file', isRepeatable: true },
  { long: '--user-agent', short: '-A', value: '<name>', says: "set the User-Agent; '' removes it" },
  { long: '--referer', short: '-e', value: '<URL>', says: 'set the Referer' },
  { long: '--user', short: '-u', value: '<name:password>', says: 'log in with Basic authentication' },
  { long: '--basic', says: 'use Basic authentication (the default)' },
  { long: '--oauth2-bearer', value: '<token>', says: 'log in with this bearer token' },
  { long: '--range', short: '-r', value: '<range>', says: 'ask for this range of bytes' },
  { long: '--request-target', value: '<target>', says: 'send this request target instead of the path' },
  { long: '--path-as-is', says: 'keep /../ and /./ in the path' },
  { long: '--location', short: '-L', says: 'follow redirects, each as its own question' },
  { long: '--location-trusted', says: 'the same, and send credentials to other hosts' },
  { long: '--max-redirs', value: '<number>', says: 'follow at most that many redirects (50)' },
  { long: '--http1.0', short: '-0', says: 'ask with HTTP/1.0' },
  { long: '--http1.1', says: 'ask with HTTP/1.1 (the default)' },
  { long: '--http2', says: 'ask with HTTP/2 where TLS agrees on it' },
  { long: '--http2-prior-knowledge', says: 'ask with HTTP/2 without agreeing on it first' },
  { long: '--compressed', says: 'ask for a compressed answer' },
  { long: '--resolve', value: '<host:port:address>', says: 'use this address for this host and port', isRepeatable: true },
  { long: '--connect-to', value: '<host1:port1:host2:port2>', says: 'connect to another host and port', isRepeatable: true },
  { long: '--ipv4', short: '-4', says: 'use IPv4 only' },
  { long: '--ipv6', short: '-6', says: 'use IPv6 only' },
  { long: '--proxy', short: '-x', value: '<proxy>', says: 'go through this HTTP proxy' },
  { long: '--proxy-user', short: '-U', value: '<name:password>', says: 'log in at the proxy' },
  { long: '--proxytunnel', short: '-p', says: 'use CONNECT also for http' },
  { long: '--noproxy', value: '<hosts>', says: 'hosts that are asked without a proxy' },
  { long: '--insecure', short: '-k', says: 'go on although the certificate is not trusted' },
  { long: '--cert', short: '-E', value: '<file[:password]>', says: 'present this client certificate (PEM)' },
  { long: '--key', value: '<file>', says: "the client certificate's private key (PEM)" },
  { long: '--pass', value: '<phrase>', says: "the private key's pass phrase" },
  { long: '--cacert', value: '<file>', says: 'trust these authorities only (PEM)' },
  { long: '--tlsv1.0', says: 'use at least TLS 1.0' },
  { long: '--tlsv1.1', says: 'use at least TLS 1.1' },
  { long: '--tlsv1.2', says: 'use at least TLS 1.2' },
  { long: '--tlsv1.3', says: 'use at least TLS 1.3' },
  { long: '--tls-max', value: '<version>', says: 'use at most this version of TLS' },
  { long: '--max-time', short: '-m', value: '<seconds>', says: 'give up after that long (10)' },
  { long: '--connect-timeout', value: '<seconds>', says: 'give up connecting after that long' },

  { long: '--digest', says: 'log in with Digest authentication', effect: 'unsupported' },
  { long: '--ntlm', says: 'log in with NTLM', effect: 'unsupported' },
  { long: '--negotiate', says: 'log in with Kerberos', effect: 'unsupported' },
  { long: '--anyauth', says: 'log in as the server wishes', effect: 'unsupported' },
  { long: '--aws-sigv4', value: '<provider>', says: 'sign the request for AWS', effect: 'unsupported' },
  { long: '--http3', says: 'ask with HTTP/3', effect: 'unsupported' },
  { long: '--interface', value: '<name>', says: 'use this network interface', effect: 'unsupported' },
  { long: '--unix-socket', value: '<path>', says: 'connect to a Unix socket', effect: 'unsupported' },
  { long: '--socks5', value: '<host:port>', says: 'go through a SOCKS proxy', effect: 'unsupported' },
  { long: '--socks5-hostname', value: '<host:port>', says: 'go through a SOCKS proxy', effect: 'unsupported' },
  { long: '--capath', value: '<folder>', says: 'trust the authorities of a folder', effect: 'unsupported' },
  { long: '--config', short: '-K', value: '<file>', says: 'read flags from a file', effect: 'unsupported', isPastedOnly: true },

  { long: '--silent', short: '-s', says: 'be quiet', effect: 'no-effect', isPastedOnly: true },
  { long: '--show-error', short: '-S', says: 'tell errors', effect: 'no-effect', isPastedOnly: true },
  { long: '--verbose', short: '-v', says: 'tell more', effect: 'no-effect', isPastedOnly: true },
  { long: '--include', short: '-i', says: 'print the header fields', effect: 'no-effect', isPastedOnly: true },
  { long: '--fail', short: '-f', says: 'fail on refusals', effect: 'no-effect', isPastedOnly: true },
  { long: '--fail-with-body', says: 'fail on refusals', effect: 'no-effect', isPastedOnly: true },
  {
    long: '--globoff',
    short: '-g',
    says: 'brackets and braces mean nothing (they never do here)',
    effect: 'no-effect',
    isPastedOnly: true,
  },
  { long: '--output', short: '-o', value: '<file>', says: 'write the answer to a file', effect: 'no-effect', isPastedOnly: true },
  { long: '--remote-name', short: '-O', says: 'write the answer to a file', effect: 'no-effect', isPastedOnly: true },
  {
    long: '--dump-header',
    short: '-D',
    value: '<file>',
    says: 'write the header fields to a file',
    effect: 'no-effect',
    isPastedOnly: true,
  },
  { long: '--cookie-jar', short: '-c', value: '<file>', says: 'write cookies to a file', effect: 'no-effect', isPastedOnly: true },
  { long: '--write-out', short: '-w', value: '<format>', says: 'print figures', effect: 'no-effect', isPastedOnly: true },
  { long: '--no-buffer', short: '-N', says: 'print at once', effect: 'no-effect', isPastedOnly: true },
  { long: '--no-progress-meter', says: 'no progress bar', effect: 'no-effect', isPastedOnly: true },
  { long: '--progress-bar', short: '-#', says: 'a progress bar', effect: 'no-effect', isPastedOnly: true },
  { long: '--disable', short: '-q', says: 'read no configuration', effect: 'no-effect', isPastedOnly: true },
  { long: '--retry', value: '<number>', says: 'try again', effect: 'no-effect', isPastedOnly: true },
] as const satisfies readonly Row[];

export type CurlFlagName = (typeof CURL_FLAGS)[number]['long'];

/** A row of the table with its defaults filled in. */
export interface CurlFlag {
  readonly long: CurlFlagName;
  readonly short: string | null;
  readonly value: string | null;
  readonly says: string;
  readonly isRepeatable: boolean;
  readonly effect: FlagEffect;
  readonly isPastedOnly: boolean;
}

function complete(row: Row & { readonly long: CurlFlagName }): CurlFlag {
  return {
    long: row.long,
    short: row.short ?? null,
    value: row.value ?? null,
    says: row.says,
    isRepeatable: row.isRepeatable ?? false,
    effect: row.effect ?? 'carried-out',
    isPastedOnly: row.isPastedOnly ?? false,
  };
}

/** The table, in the order in which help should list it. */
export const curlFlags: readonly CurlFlag[] = CURL_FLAGS.map(complete);

/** One flag as given, in the order given: curl's meaning depends on it. `value` is null for a switch. */
export interface GivenFlag {
  readonly name: CurlFlagName;
  readonly value: string | null;
}

/** The flag of that long or short name, or null. */
export function findCurlFlag(name: string): CurlFlag | null {
  return curlFlags.find((flag) => flag.long === name || flag.short === name) ?? null;
}
