import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Configuration, type Directive, parse } from '../syntax/index.ts';
import {
  absence,
  accessTime,
  accessLogsIn,
  combined,
  errorLogsIn,
  joinAccess,
  joinErrors,
  logFormatFrom,
  parseAccessEntry,
  parseAccessLog,
  parseErrorEntry,
  parseErrorLog,
  type Sought,
} from './index.ts';

const DENIED =
  '2026/11/22 02:15:07 [error] 812#812: *41 access forbidden by rule, client: 127.0.0.7, server: a.example, request: "GET /x HTTP/1.1", host: "a.example:8080", referrer: "http://a/b"';

describe('an error log entry', () => {
  it('has its parts', () => {
    expect(parseErrorEntry(DENIED)).toMatchObject({
      clock: Date.UTC(2026, 10, 22, 2, 15, 7) / 1000,
      level: 'error',
      pid: 812,
      connection: '41',
      message: 'access forbidden by rule',
      errno: null,
      client: '127.0.0.7',
      server: 'a.example',
      request: 'GET /x HTTP/1.1',
      subrequest: null,
      upstream: null,
      host: 'a.example:8080',
      referrer: 'http://a/b',
      isAmbiguous: false,
    });
  });

  it('has a system error, a subrequest and an upstream', () => {
    const text =
      '2026/11/22 02:15:07 [crit] 8#9: *1 connect() to 127.0.0.1:9 failed (111: Connection refused) while connecting to upstream, client: ::1, server: , request: "GET / HTTP/2.0", subrequest: "/auth", upstream: "http://127.0.0.1:9/auth", host: "x"';
    expect(parseErrorEntry(text)).toMatchObject({
      message: 'connect() to 127.0.0.1:9 failed (111: Connection refused) while connecting to upstream',
      errno: { number: 111, says: 'Connection refused' },
      client: '::1',
      server: '',
      subrequest: '/auth',
      upstream: 'http://127.0.0.1:9/auth',
    });
  });

  it('may be about no request', () => {
    expect(parseErrorEntry('2026/11/22 02:15:07 [emerg] 1#1: unexpected "}" in /c:3')).toMatchObject({
      connection: null,
      client: null,
      message: 'unexpected "}" in /c:3',
    });
  });

  it('is ambiguous when a client imitates fields', () => {
    const forged = DENIED.replace('/x HTTP', '/x", host: "b HTTP');
    expect(parseErrorEntry(forged)).toMatchObject({ isAmbiguous: true });
    const inPath = DENIED.replace(
      'access forbidden by rule',
      'open() "/srv/a, client: 6.6.6.6, server: x" failed (2: No such file or directory)',
    );
    expect(parseErrorEntry(inPath)).toMatchObject({ isAmbiguous: true });
  });

  it('keeps a line without a time with the entry before it', () => {
    const [first, second, ...none] = parseErrorLog(`junk\n${DENIED.replace('/x', '/x\u0000\ny')}\n${DENIED}\n`);
    expect([first?.isAmbiguous, second?.isAmbiguous, none]).toEqual([true, false, []]);
  });

  it('never fails on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (junk) => {
        parseErrorLog(junk + DENIED + junk);
      }),
    );
  });
});

describe('an access log entry', () => {
  it('in the combined format', () => {
    const line = '::1 - - [22/Nov/2026:02:15:07 +0000] "GET /a\\x22b HTTP/1.1" 403 153 "-" "curl/8 (\\xC3\\xA9)"';
    expect(Object.fromEntries(parseAccessEntry(combined, line)?.values ?? [])).toEqual({
      remote_addr: '::1',
      remote_user: '',
      time_local: '22/Nov/2026:02:15:07 +0000',
      request: 'GET /a"b HTTP/1.1',
      status: '403',
      body_bytes_sent: '153',
      http_referer: '',
      http_user_agent: 'curl/8 (é)',
    });
  });

  it.each([
    [
      'JSON',
      ['j', 'escape=json', '{"s":$status,', '"u":"$request_uri","a":"$http_user_agent"}'],
      '{"s":403,"u":"/a\\"\\u000Ab","a":""}',
      { status: '403', request_uri: '/a"\nb', http_user_agent: '' },
    ],
    ['unescaped', ['n', 'escape=none', '${status}|$http_x|'], '403|a"|b|', { status: '403', http_x: 'a"|b' }],
    ['over two lines', ['l', '$status\n$uri'], '404\n/x', { status: '404', uri: '/x' }],
    ['variables side by side', ['b', '$status$uri$args $host'], '403/ax=1 h', { status: '403', host: 'h' }],
  ])('in a format of one’s own: %s', (_, args, line, values) => {
    const format = logFormatFrom(args);
    expect(format).not.toBeNull();
    const entries = format === null ? [] : parseAccessLog(format, `${line}\njunk\n${line}\n`);
    expect(entries.map((entry) => Object.fromEntries(entry.values))).toEqual([values, values]);
  });

  it('reads every value that nginx escapes, whatever it is', () => {
    const escaped = (value: string): string =>
      value === ''
        ? '-'
        : Array.from(Buffer.from(value), (byte) =>
            byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c
              ? `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`
              : String.fromCharCode(byte),
          ).join('');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (agent, referer) => {
        fc.pre(agent !== '-' && referer !== '-');
        const line = `1.2.3.4 - u [22/Nov/2026:02:15:07 +0000] "GET / HTTP/1.1" 200 0 "${escaped(referer)}" "${escaped(agent)}"`;
        const values = parseAccessEntry(combined, line)?.values;
        expect([values?.get('http_user_agent'), values?.get('http_referer')]).toEqual([agent, referer]);
      }),
    );
  });
});

function configuration(text: string): Configuration {
  const parsed = parse(text, '/etc/nginx/nginx.conf');
  if ('error' in parsed) throw new Error(parsed.error.message);
  return { main: '/etc/nginx/nginx.conf', prefix: '/p/', files: new Map(), directives: parsed.ok.directives, unread: [], includes: [] };
}

function find(list: readonly Directive[], name: string, arg: string): Directive {
  const all = (directives: readonly Directive[]): Directive[] => directives.flatMap((d) => [d, ...all(d.block ?? [])]);
  const found = all(list).find((directive) => directive.name === name && directive.args.includes(arg));
  if (found === undefined) throw new Error(`no ${name} ${arg}`);
  return found;
}

const DEFAULTS = { errorLog: '/var/log/nginx/error.log', accessLog: '/var/log/nginx/access.log' };

describe('the logs in force', () => {
  const site = configuration(`error_log main.log;
    http { log_format own '$status'; access_log a.log own buffer=32k flush=5s if=$bad; access_log syslog:server=x;
      server { server_name s; error_log /e1 warn; error_log stderr crit;
        location /own { error_log /e2 debug_http; access_log off; location /deep {} }
        location /path { access_log /v/$host.log nowhere; } }
      server { server_name t; location /t {} } }`);
  const inside = (location: string): Directive => find(site.directives, 'location', location);

  it('are those of the innermost level that has any', () => {
    const errors = (directive: Directive | null): unknown[] =>
      errorLogsIn(site, directive, DEFAULTS).map(({ target, level }) => [target.kind === 'file' ? target.path : target.kind, level]);
    expect(errors(inside('/deep'))).toEqual([['/e2', 'debug']]);
    expect(errors(inside('/path'))).toEqual([
      ['/e1', 'warn'],
      ['stderr', 'crit'],
    ]);
    expect(errors(inside('/t'))).toEqual([['/p/main.log', 'error']]);
    expect(errors(null)).toEqual([['/p/main.log', 'error']]);
    expect(errorLogsIn(configuration('http { }'), null, DEFAULTS)).toEqual([
      { target: { kind: 'file', path: DEFAULTS.errorLog }, level: 'error', directive: null },
    ]);
  });

  it('have a format, a condition, a buffer, or are off', () => {
    expect(accessLogsIn(site, inside('/deep'), DEFAULTS)).toEqual([]);
    expect(accessLogsIn(site, inside('/path'), DEFAULTS)).toMatchObject([{ target: { kind: 'computed' }, format: null }]);
    expect(accessLogsIn(site, inside('/t'), DEFAULTS)).toMatchObject([
      { target: { kind: 'file', path: '/p/a.log' }, format: { name: 'own' }, condition: '$bad', buffered: { flush: '5s' } },
      { target: { kind: 'syslog' }, format: { name: 'combined' }, condition: null, buffered: null },
    ]);
    expect(accessLogsIn(configuration('http { }'), null, DEFAULTS)).toMatchObject([
      { target: { path: DEFAULTS.accessLog }, directive: null },
    ]);
  });

  it('tell by a missing entry only what they record and what was read', () => {
    const logs = errorLogsIn(site, inside('/path'), DEFAULTS);
    expect(absence(logs, 'error', () => true)).toMatchObject({ state: 'telling', logs: [{ target: { path: '/e1' } }] });
    expect(absence(logs, 'error', () => false)).toMatchObject({ state: 'mute', why: expect.stringContaining('could not be read') });
    expect(absence(logs, 'info', () => true)).toMatchObject({ state: 'mute', why: expect.stringContaining('records warn and graver') });
  });
});

describe('joining', () => {
  const sought: Sought = {
    method: 'GET',
    target: '/x',
    httpVersion: '1.1',
    mark: 'why403-abc',
    client: '127.0.0.7',
    host: 'a.example:8080',
    status: 403,
    during: null,
    zone: null,
  };
  const access = (agent: string, request = 'GET /x HTTP/1.1', address = '127.0.0.7'): string =>
    `${address} - - [22/Nov/2026:02:15:07 +0000] "${request}" 403 1 "-" "${agent}"`;

  it('finds the request by its mark and nothing else', () => {
    const entries = parseAccessLog(combined, [access('why403/1 why403-abc'), access('curl')].join('\n'));
    expect(joinAccess(entries, sought)).toMatchObject({ certainty: 'exact', entries: [entries[0]] });
    expect(joinAccess(entries.slice(1), sought)).toMatchObject({ certainty: 'none' });
  });

  it('without a mark, finds what is just like it', () => {
    const entries = parseAccessLog(
      combined,
      [access('curl'), access('curl', 'GET /y HTTP/1.1'), access('curl', 'GET /x HTTP/1.1', '127.0.0.8')].join('\n'),
    );
    expect(joinAccess(entries, { ...sought, mark: null })).toMatchObject({ certainty: 'likely', entries: [entries[0]] });
  });

  it('takes every entry of the connection but those of other requests on it', () => {
    const log = [
      DENIED,
      DENIED.replace('access forbidden by rule', 'client sent invalid header line')
        .replace('[error]', '[info]')
        .replace(/, request: .*$/, ''),
      DENIED.replace('/x HTTP', '/other HTTP'),
      DENIED.replace('*41', '*42').replaceAll('127.0.0.7', '127.0.0.9'),
    ];
    const entries = parseErrorLog(log.join('\n'));
    expect(joinErrors(entries, sought)).toEqual({ certainty: 'exact', entries: [entries[0], entries[1]] });
    expect(joinErrors(entries, { ...sought, client: null }).certainty).toBe('likely');
    expect(joinErrors(entries, { ...sought, target: '/none' })).toEqual({ certainty: 'none', entries: [] });
  });

  it('counts time in any time zone', () => {
    const entries = parseErrorLog(DENIED);
    const at = Date.UTC(2026, 10, 22, 2, 15, 7);
    const during = (shift: number): Sought => ({ ...sought, during: { from: at + shift - 500, to: at + shift + 500 } });
    const access = accessTime(
      parseAccessEntry(combined, '::1 - - [22/Nov/2026:02:15:07 +0530] "GET / HTTP/1.1" 403 1 "-" "-"')?.values ?? new Map(),
    );
    expect(access).toBe(at - 5.5 * 3_600_000);
    expect(joinErrors(entries, { ...during(60_000), zone: 0 }).certainty).toBe('none');
    expect(joinErrors(entries, { ...during(-3_600_000), zone: 3600 }).entries).toHaveLength(1);
    const found = [0, 5.5 * 3_600_000, -8 * 3_600_000, 60_000].map((shift) => joinErrors(entries, during(shift)).entries.length);
    expect(found).toEqual([1, 1, 1, 0]);
  });
});

it('junk between entries joins none that is complete, and none without bound', () => {
  const entry =
    '2026/11/22 02:45:24 [error] 11#11: *7 access forbidden by rule, client: 10.1.1.1, server: , request: "GET /p HTTP/1.1", host: "h"';
  const notice = '2026/11/22 02:45:24 [notice] 11#11: signal process started';
  const junk = `\u0000\u00ff${'x'.repeat(1000)}\n`.repeat(50);
  const [first, second] = parseErrorLog(`${junk}${entry}\n${junk}${notice}\n${junk}`);
  expect(first).toMatchObject({ host: 'h', text: entry, isAmbiguous: false });
  expect(second?.message).toContain('signal process started');
  expect(second?.text.length).toBeLessThanOrEqual(2048);
});
