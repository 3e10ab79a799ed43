import type { TreeSpec } from '../tree.ts';
import { credentials, linkArguments, secretLink } from './credentials.ts';
import { type Door, doorsOf } from './doors.ts';
import type { Random } from './random.ts';
import { type Statement, walkStatements } from './statement.ts';
import { AGENTS, ARGUMENTS, CLAIMED, COOKIES, HOSTS, METHODS, PREFIXES, REFERERS } from './vocabulary.ts';

export interface RequestSpec extends Door {
  readonly method: string;
  readonly target: string;
  readonly version: '1.0' | '1.1';
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** Null: plain text. Else the server name sent, and whose certificate the client shows. */
  readonly tls: { readonly serverName: string | null; readonly certificate: 'none' | 'good' | 'foreign' } | null;
}

/** The request as it goes over the wire. */
export function bytesOf(request: RequestSpec): string {
  return `${request.method} ${request.target} HTTP/${request.version}\r\n${request.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${request.body}`;
}

interface Aim {
  readonly http: readonly Statement[];
  readonly tree: TreeSpec;
  readonly count: number;
}

export function requests(random: Random, { http, tree, count }: Aim): readonly RequestSpec[] {
  const targets: string[] = [];
  const counting: string[] = [];
  walkStatements(http, ({ name, words, block = [] }) => {
    const text = (words.at(-1) ?? '').replace(/^["']|["']$/g, '');
    if (name === 'location' && text.startsWith('/')) targets.push(text);
    if (name === 'location' && block.some((inner) => inner.words[0]?.includes('/count/')))
      counting.push(text.startsWith('/') ? text.replace(/\/$/, '') : '');
  });
  const files = Object.entries(tree).flatMap(([path, { type }]) => (type === 'directory' ? [`/${path}`, `/${path}/`] : [`/${path}`]));
  const links = Object.entries(tree).flatMap(([path, { type }]) => (type === 'symlink' ? [`/${path}`] : []));
  return Array.from({ length: count }, () => request(random, { targets, counting, files, links, door: doorsOf(http) }));
}

interface Known {
  readonly targets: readonly string[];
  readonly files: readonly string[];
  readonly links: readonly string[];
  /** Locations that take one letter off `/count/aaa` in each round. */
  readonly counting: readonly string[];
  readonly door: (random: Random) => Door;
}

function request(random: Random, known: Known): RequestSpec {
  const method = random.weighed<string>([
    [24, 'GET'],
    [3, 'HEAD'],
    [3, 'POST'],
    [2, 'OPTIONS'],
    [3, random.pick(METHODS)],
  ]);
  const path = bent(random, aimed(random, known));
  const query = random.weighed([
    [8, ''],
    [3, `?${random.pick(ARGUMENTS)}`],
    [2, `?${linkArguments(random, path)}`],
  ]);
  const version = random.chance(0.06) ? '1.0' : '1.1';
  const door = known.door(random);
  const body = method === 'POST' || method === 'PUT' ? random.pick(['', 'abc', 'x=1&y=2']) : '';
  const host = random.pick(HOSTS);
  const absolute = random.chance(0.02) ? `http://${random.pick(HOSTS)}` : '';
  return {
    method,
    target: `${absolute}${path}${query}`,
    version,
    headers: [
      ...hostHeaders(random, host, version),
      ...otherHeaders(random),
      ...(body === '' ? [] : [['Content-Length', String(body.length)] as const]),
      ['Connection', 'close'],
    ],
    body,
    ...door,
    tls: door.port === 2 && !random.chance(0.1) ? greeting(random, host) : null,
  };
}

function greeting(random: Random, host: string): RequestSpec['tls'] {
  const certificate = random.weighed<'none' | 'good' | 'foreign'>([
    [4, 'none'],
    [4, 'good'],
    [2, 'foreign'],
  ]);
  return {
    serverName: random.weighed([
      [7, host],
      [1, null],
      [1, random.pick(HOSTS)],
      [0.5, host.toUpperCase()],
    ]),
    certificate,
  };
}

/** A path that something is likely to be at: a file, a location's own text, or something below it. */
function aimed(random: Random, { targets, counting, files, links }: Known): string {
  const [target = '/', ...others] = targets;
  const [file = '/x.html', ...rest] = files;
  const [link = '/link.html', ...more] = links;
  const base = random.weighed<string>([
    [5, random.pick([file, ...rest])],
    [3, random.pick([target, ...others])],
    [2, random.pick(PREFIXES)],
    [1.2, random.pick([link, ...more])],
    [0.5, '/missing'],
    [counting.length > 0 ? 1.5 : 0, `${random.pick(['', ...counting])}/count/${'a'.repeat(random.below(13))}`],
    [0.3, '/guard/403'],
    [0.3, secretLink(random)],
  ]);
  const below = random.weighed<string>([
    [22, ''],
    [3, '/'],
    [2, '/x.html'],
    [1, 'x.html'],
    [1, 'index.html'],
    [0.5, 'y.txt'],
    [0.5, '/missing'],
    [0.5, '/b/x.html'],
  ]);
  return (base + below).replaceAll(' ', '%20').replaceAll('m%41', 'm%2541');
}

/** The same place in other letters: what rules on text trip over. */
function bent(random: Random, path: string): string {
  return random.weighed<() => string>([
    [50, () => path],
    [1, () => path.toUpperCase()],
    [2, () => path.replace('/', '//')],
    [2, () => path.replace(/\/(?=[^/]*$)/, '///')],
    [1, () => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`)],
    [0.5, () => path.replace(/\/([a-z]+)/, (_, name: string) => `/${name}/../${name}`)],
    [0.5, () => path.replace('/', '/./')],
    [0.5, () => path.replace(/(.)\//, '$1%2F')],
    [0.3, () => `/..${path}`],
    [0.3, () => `${path}%00`],
    [0.3, () => `${path}%zz`],
    [0.3, () => `${path}#part`],
    [0.3, () => `${path}/.`],
    [0.3, () => `${path}/..`],
    [0.3, () => `${path}%3fx=1`],
    [0.3, () => `${path}%20`],
    [0.2, () => path.slice(1)],
    [0.2, () => `${path} x`],
    [0.2, () => `/%2e%2e${path}`],
    [0.2, () => `${path}\\`],
    [0.2, () => `${path}?`],
    [0.2, () => `${path}${'y'.repeat(300)}`],
    [0.2, () => `${path}%c3%a4`],
    [0.2, () => `${path}\xe4`],
    [0.1, () => '*'],
  ])();
}

function hostHeaders(random: Random, host: string, version: string): readonly (readonly [string, string])[] {
  return random.weighed<() => readonly (readonly [string, string])[]>([
    [40, () => [['Host', host]]],
    [2, () => [['Host', `${host}:8080`]]],
    [1, () => [['Host', host.toUpperCase()]]],
    [1, () => [['Host', `${host}.`]]],
    [version === '1.0' ? 20 : 0.3, () => []],
    [0.5, () => [['Host', '']]],
    [
      0.3,
      () => [
        ['Host', host],
        ['Host', host],
      ],
    ],
    [0.3, () => [['Host', `${host}/x`]]],
    [
      0.5,
      () => [
        ['Host', random.pick(['127.0.0.1', '[::1]', 'ex_ample.com', 'a..b', '.example.com', 'x.www.example.com', 'www.example.co.uk'])],
      ],
    ],
  ])();
}

function otherHeaders(random: Random): readonly (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = [];
  const add = (probability: number, name: string, value: () => string): void => {
    if (random.chance(probability)) headers.push([name, value()]);
  };
  const list = (): string => Array.from({ length: 1 + random.below(3) }, () => random.pick(CLAIMED)).join(random.pick([', ', ',', ' , ']));
  add(0.6, 'User-Agent', () => random.pick(AGENTS));
  add(0.35, 'Referer', () => random.pick(REFERERS));
  add(0.25, 'Cookie', () => random.pick(COOKIES));
  add(0.3, 'X-Real-IP', () => random.pick(CLAIMED));
  add(0.4, 'X-Forwarded-For', list);
  add(0.08, 'X-Forwarded-For', list);
  add(0.05, 'X-Client', () => random.pick(CLAIMED));
  add(0.05, 'X-Token', () => random.pick(['1', '2', 'x=1']));
  add(0.05, 'X_Real_IP', () => '10.1.2.3');
  add(0.12, 'Accept-Encoding', () => random.pick(['gzip', 'gzip;q=0', 'deflate', '*', 'br, gzip;q=0.5']));
  add(0.015, 'Range', () => random.pick(['bytes=0-3', 'bytes=9999-', 'bytes=-2', 'bytes=x', 'items=0-1', 'bytes=3-1', 'bytes=0-0,2-3']));
  add(0.015, random.pick(['If-Modified-Since', 'If-Unmodified-Since']), () =>
    random.pick(['Thu, 01 Jan 2099 00:00:00 GMT', 'Thu, 01 Jan 1998 00:00:00 GMT', 'yesterday']),
  );
  add(0.015, random.pick(['If-Match', 'If-None-Match']), () => random.pick(['*', '"abc"', 'W/"abc", "def"']));
  add(0.01, 'Expect', () => random.pick(['100-continue', 'nonsense']));
  add(0.01, 'Via', () => '1.1 proxy');
  add(0.01, 'Destination', () => random.pick(['/a/moved.html', 'http://example.com/a/moved.html', '/a', 'nowhere']));
  add(0.01, 'Depth', () => random.pick(['0', '1', 'infinity']));
  add(0.01, 'Overwrite', () => random.pick(['T', 'F']));
  add(0.003, random.pick(['Content-Length', 'Transfer-Encoding']), () => random.pick(['abc', '0', 'gzip']));
  add(0.003, random.pick(['Bad Name', 'X-{Bad}', '']), () => 'x');
  add(0.003, 'X-Long', () => 'z'.repeat(random.pick([300, 700])));
  add(0.35, random.chance(0.1) ? 'authorization' : 'Authorization', () => credentials(random));
  return random.shuffled(headers);
}
