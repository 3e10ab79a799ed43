import type { SendPlan } from '@why403/client';
import { parseAddress } from '@why403/terms/address';
import { Fault, isFault } from '@why403/terms/fault';
import type { Headers, Question } from '@why403/terms/request';
import { authorityOf, encodeNonAscii, parseUri, targetOf, type Uri } from '@why403/terms/uri';
import { readContent, type Content } from './body.ts';
import { base64, toLatin1 } from './bytes.ts';
import { readCookies } from './cookies.ts';
import type { GivenFlag } from './curl-flags.ts';
import { badValue, type Draft, draftOf } from './draft.ts';
import { arrangeFields, readFields, withImplied } from './fields.ts';
import type { AskPorts, AskSettings } from './ports.ts';
import { chooseProxy } from './proxy.ts';
import { mayGoOut, readSending } from './sending.ts';

/** A question ready to be put, and what the person should know about how it was read. */
export interface Asked {
  readonly question: Question;
  readonly plan: SendPlan;
  readonly uri: Uri;
  /** Whether --request chose the method: redirects then keep it, as curl does. */
  readonly isMethodForced: boolean;
  /** Sentences for the person, such as that a fragment is never sent. */
  readonly notes: readonly string[];
}

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function readMethod(draft: Draft, content: Content): string {
  const given = draft.last('--request');
  if (given === null) return content.method;
  if (!TOKEN.test(given)) throw badValue('--request', 'The method is not a token of HTTP: letters, digits and no space.');
  return given;
}

function readAuthorization(draft: Draft, uri: Uri): string | null {
  const bearer = draft.last('--oauth2-bearer');
  if (bearer !== null) return `Bearer ${bearer}`;
  const user = draft.last('--user');
  if (user === null) return uri.userinfo === null ? null : `Basic ${base64(`${uri.userinfo.user}:${uri.userinfo.password}`)}`;
  // curl would ask for the password at the terminal
  if (!user.includes(':')) throw badValue('--user', 'The password is missing.', 'Write --user name:password, or name: for an empty one.');
  return `Basic ${base64(user)}`;
}

function readVersion(draft: Draft, uri: Uri, notes: string[]): Question['httpVersion'] {
  const chosen = draft.lastOf('--http1.0', '--http1.1', '--http2', '--http2-prior-knowledge');
  if (chosen === '--http1.0') return '1.0';
  if (chosen === '--http2-prior-knowledge') return '2';
  if (chosen !== '--http2') return '1.1';
  if (uri.scheme === 'https') return '2';
  notes.push(
    'HTTP/2 without TLS is not asked for by upgrading: the request goes out as HTTP/1.1. --http2-prior-knowledge asks with HTTP/2 at once.',
  );
  return '1.1';
}

function standardFields(draft: Draft, uri: Uri, ports: AskPorts): Headers {
  const fields: (readonly [string, string | null])[] = [
    ['Host', authorityOf(uri)],
    ['Authorization', readAuthorization(draft, uri)],
    ['Range', draft.last('--range') === null ? null : `bytes=${draft.last('--range')}`],
    ['User-Agent', draft.last('--user-agent') ?? `why403/${ports.version} (probe ${ports.mark})`],
    ['Accept', '*/*'],
    ['Accept-Encoding', draft.has('--compressed') ? 'deflate, gzip, br' : null],
    ['Referer', draft.last('--referer')?.replace(/;auto$/, '') ?? null],
    [
      'Cookie',
      readCookies(
        draft.all('--cookie').map(({ value }) => value),
        uri,
        ports,
      ),
    ],
  ];
  // -A '' and -e '' send no field at all
  const present = fields.flatMap<Headers[number]>(([name, value]) => (value === null || value === '' ? [] : [[name, value]]));
  const broken = present.find(([, value]) => /[\r\n\0]/.test(value));
  if (broken !== undefined) throw new Fault('header/invalid', `The value for ${broken[0]} holds a line end or NUL.`);
  return present;
}

function readTarget(draft: Draft, uri: Uri, content: Content): string {
  const given = draft.last('--request-target');
  if (given !== null) {
    const target = encodeNonAscii(given);
    if (target === '' || /[\p{Cc}\s]/u.test(target))
      throw badValue('--request-target', 'A request target is not empty and holds no space or control character.');
    return target;
  }
  const path =
    content.uploadName !== null && uri.path.endsWith('/') && uri.query === null
      ? uri.path + encodeURIComponent(content.uploadName)
      : uri.path;
  const query = content.query === null ? uri.query : [uri.query, content.query].filter((part) => part !== null && part !== '').join('&');
  const target = targetOf({ path, query });
  if (/[\p{Cc} ]/u.test(target)) throw badValue('--get', 'The data holds characters that no query may.', 'Use --data-urlencode.');
  return target;
}

function noteOddities(text: string, uri: Uri, notes: string[]): void {
  if (uri.fragment !== null) notes.push('The part from # on is never sent: it was cut off. A # that belongs to the path is written %23.');
  if (uri.pathWritten !== null)
    notes.push('Dot segments were removed from the path before sending, as curl does; --path-as-is sends it as written.');
  if (/\{[^{}]*,[^{}]*\}|\[\d+-\d+\]|\[[a-z]-[a-z]\]/i.test(text))
    notes.push('Braces and brackets in the URL are sent as they stand; curl expands them unless told --globoff.');
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The certificates alone of the file that --cert names, which may hold the key as well. Sending says why one can't be read. */
function clientCertificate(path: string | null, ports: AskPorts): Pick<Question, 'clientCertificate'> {
  if (path === null || path === '-') return {};
  try {
    const found = toLatin1(ports.read(path)).match(CERTIFICATE);
    return found === null ? {} : { clientCertificate: `${found.join('\n')}\n` };
  } catch (error) {
    if (isFault(error)) return {};
    throw error;
  }
}

/** `--from` and `--as` ask what would be elsewhere: a request from here would answer another question. */
function checkAssumptions({ from, as: account, mayProbe }: AskSettings): void {
  const assumed = from === undefined ? '--as' : '--from';
  if (from !== undefined && (parseAddress(from)?.family ?? 'unix') === 'unix') {
    throw new Fault('usage/value-invalid', '--from needs one IPv4 or IPv6 address, such as 203.0.113.7 or 2001:db8::7.', {
      where: { in: assumed },
    });
  }
  if (account === '') throw new Fault('usage/value-missing', '--as needs the name of an account.', { where: { in: assumed } });
  if (mayProbe && (from !== undefined || account !== undefined)) {
    throw new Fault('usage/conflict', `--probe sends a request from here, and ${assumed} asks what would be elsewhere.`, {
      where: { in: assumed },
      hint: 'Leave one of them away.',
    });
  }
}

function ask(text: string, given: readonly GivenFlag[], settings: AskSettings, ports: AskPorts): Asked {
  checkAssumptions(settings);
  const draft = draftOf(given);
  const notes: string[] = [];
  const uri = parseUri(text, { toAscii: ports.toAscii, dotSegments: draft.has('--path-as-is') ? 'as-is' : 'remove' });
  if (isFault(uri)) throw uri;
  noteOddities(text, uri, notes);
  const content = readContent(draft, ports);
  const method = readMethod(draft, content);
  const own = readFields(
    draft.all('--header').map(({ value }) => value),
    ports,
    notes,
  );
  const headers = arrangeFields(standardFields(draft, uri, ports), withImplied(own, content.implied), content.fields);
  const isMarked = headers.some(([name, value]) => name === 'User-Agent' && value.includes(ports.mark));
  const plan: SendPlan = {
    ...readSending(draft),
    send: mayGoOut(method, content.body !== null, settings),
    body: content.body,
    proxy: chooseProxy(draft, uri, ports, notes),
    mark: isMarked ? ports.mark : null,
  };
  const question: Question = {
    method,
    scheme: uri.scheme,
    hostname: uri.hostname,
    port: uri.port,
    target: readTarget(draft, uri, content),
    headers,
    bodyLength: content.body?.length ?? 0,
    httpVersion: readVersion(draft, uri, notes),
    ...(settings.from === undefined ? {} : { from: settings.from }),
    ...(settings.as === undefined ? {} : { as: settings.as }),
    ...clientCertificate(plan.tls.certificate, ports),
  };
  return { question, plan, uri, isMethodForced: draft.has('--request'), notes };
}

/**
 * Makes a question of a URL and curl's flags, read as curl reads them. The question's headers are what
 * goes over the wire, in order. Returns a fault that names the place when something can't be read.
 */
export function askUrl(text: string, given: readonly GivenFlag[], settings: AskSettings, ports: AskPorts): Asked | Fault {
  try {
    return ask(text, given, settings, ports);
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
}
