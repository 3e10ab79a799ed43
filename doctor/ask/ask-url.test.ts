import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { Fault, isFault } from '@why403/terms/fault';
import { header } from '@why403/terms/request';
import { expect, test } from 'vitest';
import { askUrl, type Asked } from './ask-url.ts';
import { curlFlags, findCurlFlag, type GivenFlag } from './curl-flags.ts';
import type { AskPorts, AskSettings } from './ports.ts';

const files: Readonly<Record<string, string>> = {
  'body.txt': 'one\r\ntwo\n',
  'fields.txt': 'X-One: 1\nX-Two: 2\n',
  'jar.txt':
    '# Netscape HTTP Cookie File\nh\tFALSE\t/\tFALSE\t0\tsid\tabc\n.other\tTRUE\t/\tFALSE\t0\tno\tno\n#HttpOnly_h\tFALSE\t/a\tFALSE\t9999999999\tdeep\t1\nh\tFALSE\t/\tFALSE\t1\told\t1\n',
};
const ports: AskPorts = {
  read: (path) => {
    const text = files[path];
    if (text === undefined) throw new Fault('file/missing', 'There is no such file.', { where: { in: path } });
    return new TextEncoder().encode(text);
  },
  toAscii: domainToASCII,
  environment: {},
  mark: '0123456789abcdef',
  version: '9.9.9',
  now: () => 1_000_000_000_000,
};
const plain: AskSettings = { maySend: false, hasEvidence: false, mayProbe: false };

/** Reads curl's words: `-H` takes the next one, switches don't. */
function flags(words: readonly string[]): readonly GivenFlag[] {
  const given: GivenFlag[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const flag = findCurlFlag(words[at] ?? '');
    if (flag === null) throw new Error(`no flag ${words[at]}`);
    given.push({ name: flag.long, value: flag.value === null ? null : (words[(at += 1)] ?? null) });
  }
  return given;
}
const tryAsk = (url: string, words: readonly string[] = [], settings: Partial<AskSettings> = {}, more: Partial<AskPorts> = {}) =>
  askUrl(url, flags(words), { ...plain, ...settings }, { ...ports, ...more });
function ask(...args: Parameters<typeof tryAsk>): Asked {
  const asked = tryAsk(...args);
  if (isFault(asked)) throw asked;
  return asked;
}
const fields = (asked: Asked) => asked.question.headers.map(([name, value]) => `${name}: ${value}`);

test('a plain URL becomes one marked GET that may go out', () => {
  const asked = ask('http://h:8080/a');
  expect(asked.question).toEqual({
    method: 'GET',
    scheme: 'http',
    hostname: 'h',
    port: 8080,
    target: '/a',
    headers: [
      ['Host', 'h:8080'],
      ['User-Agent', 'why403/9.9.9 (probe 0123456789abcdef)'],
      ['Accept', '*/*'],
    ],
    bodyLength: 0,
    httpVersion: '1.1',
  });
  expect(asked.plan).toMatchObject({
    send: { allowed: true },
    body: null,
    redirects: 0,
    maxTime: 10_000,
    mark: '0123456789abcdef',
    proxy: null,
  });
  expect(asked.notes).toEqual([]);
});

test("the person's fields replace curl's, Host stays first, an empty one removes, a semicolon sends it empty", () => {
  const asked = ask('http://h/', [
    '-H',
    'X-A;',
    '-H',
    'Accept:',
    '-H',
    'User-Agent: me',
    '-H',
    'host: other',
    '-H',
    'nocolon',
    '-H',
    '@fields.txt',
  ]);
  expect(fields(asked)).toEqual(['host: other', 'X-A: ', 'User-Agent: me', 'X-One: 1', 'X-Two: 2']);
  expect(asked.plan.mark).toBeNull();
  expect(asked.notes).toHaveLength(1);
  expect(fields(ask('http://h/', ['-H', 'Host:', '-A', '']))).toEqual(['Accept: */*']);
});

test.each<[string, readonly string[], string, string, string | null, string | undefined]>([
  ['-d is a POST of a form', ['-d', 'a=1', '-d', 'b=2'], 'POST', '/', 'a=1&b=2', 'application/x-www-form-urlencoded'],
  ['-d @FILE drops line ends', ['-d', '@body.txt'], 'POST', '/', 'onetwo', 'application/x-www-form-urlencoded'],
  ['--data-binary keeps them', ['--data-binary', '@body.txt'], 'POST', '/', 'one\r\ntwo\n', 'application/x-www-form-urlencoded'],
  ['--data-raw knows no @', ['--data-raw', '@body.txt'], 'POST', '/', '@body.txt', 'application/x-www-form-urlencoded'],
  [
    '--data-urlencode encodes',
    ['--data-urlencode', 'a=b c&d', '--data-urlencode', '=x y', '--data-urlencode', 'n@body.txt'],
    'POST',
    '/',
    'a=b+c%26d&x+y&n=one%0D%0Atwo%0A',
    'application/x-www-form-urlencoded',
  ],
  ['-G puts data into the query', ['-G', '-d', 'a=1'], 'GET', '/?a=1', null, undefined],
  ['-X wins over -d', ['-X', 'PUT', '-d', ''], 'PUT', '/', '', 'application/x-www-form-urlencoded'],
  ['-I is HEAD', ['-I'], 'HEAD', '/', null, undefined],
  ['-I -G -d is HEAD with a query', ['-I', '-G', '-d', 'q'], 'HEAD', '/?q', null, undefined],
  ['--json is a POST of JSON', ['--json', '{}'], 'POST', '/', '{}', 'application/json'],
  ['-T is PUT and names the file', ['-T', 'body.txt'], 'PUT', '/body.txt', 'one\r\ntwo\n', undefined],
  ['--request-target is sent as it stands', ['-X', 'OPTIONS', '--request-target', '*'], 'OPTIONS', '*', null, undefined],
])('%s', (_, words, method, target, body, type) => {
  const asked = ask('http://h/', words);
  expect([asked.question.method, asked.question.target, header(asked.question.headers, 'content-type')]).toEqual([method, target, type]);
  expect(asked.plan.body === null ? null : new TextDecoder().decode(asked.plan.body)).toBe(body);
  expect(asked.question.bodyLength).toBe(body?.length ?? 0);
});

test('a form is multipart with names, files and types', () => {
  const asked = ask('http://h/', [
    '-F',
    'a=b',
    '-F',
    'f=@body.txt',
    '-F',
    'g=x;y;type=text/html;charset=utf-8;filename=q"z.htm',
    '--form-string',
    's=@no',
  ]);
  expect(header(asked.question.headers, 'Content-Type')).toBe('multipart/form-data; boundary=------------------------0123456789abcdef');
  const body = new TextDecoder().decode(asked.plan.body ?? undefined);
  expect(body).toContain('Content-Disposition: form-data; name="a"\r\n\r\nb\r\n');
  expect(body).toContain('name="f"; filename="body.txt"\r\nContent-Type: text/plain\r\n\r\none\r\ntwo\n\r\n');
  expect(body).toContain('name="s"\r\n\r\n@no\r\n');
  expect(header(asked.question.headers, 'Content-Length')).toBe(String(body.length));
});

test('cookies, referer, login, range and compression stand in curl’s order', () => {
  const words = [
    '-b',
    'a=1; b=2',
    '-b',
    'c=3',
    '-e',
    'http://r/;auto',
    '-u',
    'a:b',
    '--compressed',
    '-r',
    '0-5',
    '-A',
    'me',
    '-H',
    'X-1: 2',
  ];
  expect(fields(ask('http://h/', words))).toEqual([
    'Host: h',
    'Authorization: Basic YTpi',
    'Range: bytes=0-5',
    'User-Agent: me',
    'Accept: */*',
    'Accept-Encoding: deflate, gzip, br',
    'Referer: http://r/',
    'Cookie: a=1; b=2;c=3',
    'X-1: 2',
  ]);
  expect(fields(ask('http://user:p%40ss@h/'))).toContain('Authorization: Basic dXNlcjpwQHNz');
  expect(header(ask('http://h/a/b', ['-b', 'jar.txt']).question.headers, 'Cookie')).toBe('sid=abc; deep=1');
});

test('what may change something goes out only with --send, and with evidence nothing does unless --probe', () => {
  const allowed = (words: readonly string[], settings: Partial<AskSettings> = {}) => ask('http://h/', words, settings).plan.send.allowed;
  expect([allowed([]), allowed(['-I']), allowed(['-X', 'OPTIONS'])]).toEqual([true, true, true]);
  expect([allowed(['-X', 'DELETE']), allowed(['-d', 'x']), allowed(['-X', 'GET', '-d', 'x']), allowed(['-X', 'get'])]).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect(allowed(['-X', 'DELETE'], { maySend: true })).toBe(true);
  expect([allowed([], { hasEvidence: true }), allowed([], { hasEvidence: true, mayProbe: true })]).toEqual([false, true]);
  expect([allowed(['-d', 'x'], { hasEvidence: true, mayProbe: true }), allowed(['-d', 'x'], { hasEvidence: true, maySend: true })]).toEqual(
    [false, false],
  );
});

test('connections are planned as told', () => {
  const { plan, question } = ask(
    'https://h/',
    '--resolve H:443:[::1],127.0.0.1 --resolve *:80:127.0.0.2 --connect-to h:443:[::1]:8443 -6 -k -E c\\:d.pem:pw --key k.pem --cacert ca.pem --tlsv1.2 --tls-max 1.3 -m 2.5 --connect-timeout 9 -L --http2'.split(
      ' ',
    ),
  );
  expect(plan).toMatchObject({
    overrides: [
      { hostname: 'h', port: 443, addresses: ['::1', '127.0.0.1'] },
      { hostname: '*', port: 80, addresses: ['127.0.0.2'] },
    ],
    connectTo: [{ fromHost: 'h', fromPort: 443, toHost: '::1', toPort: 8443 }],
    family: 6,
    tls: {
      isVerified: false,
      certificate: 'c:d.pem',
      passphrase: 'pw',
      key: 'k.pem',
      authorities: 'ca.pem',
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
    },
    maxTime: 2500,
    connectTimeout: 2500,
    redirects: 50,
  });
  expect(question.httpVersion).toBe('2');
});

test('a proxy comes from the flag, else from the environment, but never for loopback or what no_proxy lists', () => {
  const environment = { http_proxy: 'http://u:p@proxy:3128', HTTP_PROXY: 'http://evil:1', no_proxy: 'internal.example, 10.0.0.0/8' };
  expect(ask('http://h/', ['-x', 'proxy', '-U', 'a:b']).plan.proxy).toEqual({
    scheme: 'http',
    hostname: 'proxy',
    port: 1080,
    authorization: 'Basic YTpi',
    isTunnel: false,
    from: '--proxy',
  });
  expect(ask('http://h/', [], {}, { environment }).plan.proxy).toMatchObject({
    hostname: 'proxy',
    port: 3128,
    from: 'http_proxy',
    authorization: 'Basic dTpw',
  });
  expect(ask('https://h/', [], {}, { environment }).plan.proxy).toBeNull();
  for (const url of ['http://a.internal.example/', 'http://10.1.2.3/', 'http://localhost/', 'http://127.0.0.1/', 'http://[::1]/']) {
    expect([url, ask(url, [], {}, { environment }).plan.proxy]).toEqual([url, null]);
  }
  expect(ask('http://h/', ['-x', ''], {}, { environment }).plan.proxy).toBeNull();
});

test('what the person may not expect is said', () => {
  expect(ask('http://h/a/../b#c{1,2}').notes).toHaveLength(3);
  expect(ask('http://h/', ['--http2']).notes).toHaveLength(1);
});

test.each<[string, readonly string[], string]>([
  ['http://h/a b', [], 'url/character'],
  ['http://h/', ['-X', 'A B'], 'usage/value-invalid'],
  ['http://h/', ['-X', ''], 'usage/value-invalid'],
  ['http://h/', ['-H', 'X: a\r\nY: b'], 'header/invalid'],
  ['http://h/', ['-e', 'a\nb'], 'header/invalid'],
  ['http://h/', ['-I', '-d', 'x'], 'usage/conflict'],
  ['http://h/', ['-F', 'a=b', '-d', 'x'], 'usage/conflict'],
  ['http://h/', ['-d', '@nosuch'], 'file/missing'],
  ['http://h/', ['-u', 'name'], 'usage/value-invalid'],
  ['http://h/', ['-m', 'soon'], 'usage/value-invalid'],
  ['http://h/', ['--resolve', 'h:80'], 'usage/value-invalid'],
  ['http://h/', ['--digest'], 'usage/unsupported'],
  ['http://h/', ['-x', 'socks5://p'], 'usage/value-invalid'],
  ['http://h/', ['-G', '-d', 'a b'], 'usage/value-invalid'],
])('%s %j is refused as %s', (url, words, code) => {
  expect(tryAsk(url, words)).toMatchObject({ code });
});

test('no fault quotes a secret, whatever it is about', () => {
  const secret = 'S3cr3tValue';
  const tries: readonly (readonly [string, readonly string[]])[] = [
    [`http://u:${secret}/x@h/`, []],
    [`http://u%zz:${secret}@h/`, []],
    ['http://h/', ['-u', secret]],
    ['http://h/', ['-H', `Authorization: ${secret}\nX: y`]],
    ['http://h/', ['-x', `http://u:${secret}@p:99999`]],
    ['http://h/', ['-E', `a:${secret}`, '-m', 'x']],
  ];
  for (const [url, words] of tries) {
    const fault = tryAsk(url, words);
    expect([
      words,
      isFault(fault),
      JSON.stringify(fault).includes(secret),
      isFault(fault) && `${fault.message} ${fault.hint}`.includes(secret),
    ]).toEqual([words, true, false, false]);
  }
});

test('the table has no name twice, and every value has a placeholder', () => {
  const names = curlFlags.flatMap((flag) => (flag.short === null ? [flag.long] : [flag.long, flag.short]));
  expect(new Set(names).size).toBe(names.length);
  for (const flag of curlFlags) expect(flag.value ?? '<x>').toMatch(/^<.+>$/);
});

test('any flags with any values make a question or a fault', () => {
  const given = fc.array(
    fc
      .constantFrom(...curlFlags)
      .chain((flag) =>
        fc.record({ name: fc.constant(flag.long), value: flag.value === null ? fc.constant(null) : fc.string({ maxLength: 20 }) }),
      ),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(given, (list) => {
      const asked = askUrl('http://h/', list, plain, ports);
      if (isFault(asked)) return;
      for (const [name, value] of asked.question.headers) expect(`${name}${value}`).not.toMatch(/[\r\n\0]/);
      expect(asked.question.target).toMatch(/^[^\p{Cc} ]+$/u);
    }),
  );
});
