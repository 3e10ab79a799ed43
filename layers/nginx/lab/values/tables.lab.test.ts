import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasNginx, type Lab, startLab } from '../server.ts';
import { benchOf, predict, type Sent, stateOf, summary } from './harness.ts';

const SEED = Number(process.env['WHY403_SEED'] ?? 403);

/** Asks the real server and the model the same and lists where they differ. */
async function differences(lab: Lab, requests: readonly Sent[], time?: number): Promise<readonly string[]> {
  const bench = benchOf(lab);
  const found: string[] = [];
  for (const sent of requests) {
    const answer = await lab.get(sent.target, {
      ...(sent.from === undefined ? {} : { from: sent.from }),
      ...(sent.method === undefined ? {} : { method: sent.method }),
      headers: sent.headers ?? {},
    });
    const real = `${answer?.status ?? 0} ${answer?.body ?? ''}`;
    const outcome = predict(bench, stateOf(bench, lab.port(0), sent, time));
    const ours = summary(outcome) ?? JSON.stringify(outcome.kind === 'undetermined' ? outcome.missing : outcome.kind);
    if (ours !== real) found.push(`${JSON.stringify(sent)}: ${ours.slice(apart(ours, real))}, nginx ${real.slice(apart(ours, real))}`);
  }
  return found;
}

/** Where two texts begin to differ, with some lead. */
function apart(left: string, right: string): number {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at++;
  return Math.max(0, at - 20);
}

function server(port: number, text: string): string {
  return `server { listen 127.0.0.1:${port}; server_name main.test *.wild.test ~^rex\\d+\\.test$; merge_slashes off; ${text} }`;
}

const words = fc.constantFrom(
  'a',
  'b',
  'Ab',
  'www.example.com',
  'example.com',
  'EXAMPLE.com.',
  'x.y.example.com',
  'www.example.org',
  'www.',
  '.',
  '',
  'default',
  'hostnames',
  '~x',
  '\\d',
  '12',
  'a.b.www.example.com',
  'example.net',
  'www.example.co.uk',
);

describe.skipIf(!hasNginx)('tables', () => {
  it('maps by exact name, wildcard, pattern and default as nginx does', async () => {
    await using lab = await startLab({
      http: ({ port }) => `
        map $arg_a $plain { a 1; AB two; "" empty; \\default word; \\~x tilde; ~^(1)(2)$ "re-$1-$2-$arg_b"; ~*^X caseless; www.example.com "v-$plain_inner"; default "def-$arg_b"; }
        map $arg_b $plain_inner { default none; b $arg_a; }
        map $arg_a $hosts { hostnames; default none; example.com exact; *.example.com wild; *.y.example.com deep; www.example.* tail; www.example.co.* tail2; .example.net dot; ~^(?<who>[^.]+)\\.b p-$who; }
        map $arg_a $late { .example.net early; www.example.* early; hostnames; *.example.com wild; default none; }
        map $arg_a:$arg_b $joined { a:b yes; ~:$ $arg_a-; }
        map $arg_a $kept { default $uri; }
        map $arg_a $fresh { volatile; default $uri; }
        ${server(port(0), 'set $before "$kept,$fresh"; rewrite ^ /rewritten; return 200 "$plain|$hosts|$late|$joined|$who|$before|$kept|$fresh";')}`,
    });
    const requests = fc
      .sample(fc.tuple(words, words), { numRuns: 150, seed: SEED })
      .map(([a, b]): Sent => ({ target: `/p?a=${a}&b=${b}` }));
    expect(await differences(lab, [...requests, { target: '/' }])).toEqual([]);
  });

  it('finds networks as nginx does', async () => {
    const v4 = fc
      .tuple(fc.constantFrom(10, 127, 192, 255, 0), fc.nat(255), fc.constantFrom(0, 1, 255), fc.nat(255))
      .map((parts) => parts.join('.'));
    const v6 = fc.oneof(
      fc.constantFrom('::1', '2001:db8::1', '2001:db8:1::', '::ffff:10.1.2.3', '::', 'fe80::1'),
      fc.ipV6().filter((text) => !/^(?:[0-9a-f]+:){7}:$/.test(text)),
    );
    const network = fc
      .oneof(
        fc.tuple(v4, fc.nat(32)).map(([base, prefix]) => `${base}/${prefix}`),
        v4,
        fc.tuple(v6, fc.nat(128)).map(([base, prefix]) => `${base}/${prefix}`),
      )
      .filter((text) => !text.startsWith('255.255.255.255/'));
    const entries = fc.sample(network, { numRuns: 120, seed: SEED });
    await using lab = await startLab({
      http: ({ port }) => `
        geo $arg_a $from { default none; ${entries.map((entry, at) => `${entry} n${at};`).join(' ')} 255.255.255.255 nowhere; delete ${entries[0] ?? ''}; }
        geo $client { 127.0.0.0/8 local; 127.1.2.0/24 near; ::/0 six; }
        geo $arg_a $ranged { ranges; default out; 10.0.0.0-10.0.255.255 big; 10.0.1.0-10.0.1.255 inner; 10.0.9.0-10.2.0.1 wide; 10.0.1.7-10.0.1.7 one; 192.0.0.0-192.0.0.1 gone; delete 192.0.0.0-192.0.0.1; }
        geo $proxied { default far; proxy 127.0.0.0/8; proxy_recursive; 10.0.0.0/8 ten; 192.0.2.0/24 test; 127.0.0.0/8 self; }
        geo $arg_a $once { default far; proxy 10.0.0.0/8; 10.0.0.0/8 ten; 192.0.2.0/24 test; }
        ${server(port(0), 'return 200 "$from|$client|$ranged|$proxied|$once";')}`,
    });
    const lists = fc.constantFrom(
      '10.0.0.1',
      '192.0.2.7',
      '127.9.9.9, 10.1.1.1',
      '192.0.2.1, 10.1.1.1 ,127.3.3.3,',
      'junk, 127.0.0.1',
      '',
      ',',
      '10.0.0.1:80',
      '[::1]:99',
      ' 10.0.0.3 ',
    );
    const asked = fc.record({
      a: fc.oneof(v4, v6, fc.constantFrom('junk', '', 'unix:', '10.0.1.7', '10.0.1.8', '10.0.9.1', '10.1.0.0', '192.0.0.1')),
      from: fc.constantFrom('127.0.0.1', '127.1.2.3'),
      list: lists,
    });
    const requests = fc
      .sample(asked, { numRuns: 200, seed: SEED })
      .map(({ a, from, list }): Sent => ({ target: `/?a=${a}`, from, headers: list === '' ? {} : { 'X-Forwarded-For': list } }));
    expect(await differences(lab, requests)).toEqual([]);
  });

  it('splits clients by the same hash', async () => {
    await using lab = await startLab({
      http: ({ port }) => `
        split_clients "$arg_a" $half { 50% a; * b; }
        split_clients "\${arg_a}salt" $parts { 0.01% rare; 33.33% x; 10% y; 20.5% $notexpanded; }
        ${server(port(0), 'return 200 "$half|$parts";')}`,
    });
    const requests = fc
      .sample(fc.stringMatching(/^[a-z0-9.]{0,14}$/), { numRuns: 200, seed: SEED })
      .map((a): Sent => ({ target: `/?a=${a}` }));
    expect(await differences(lab, requests)).toEqual([]);
  });

  it('judges referers as nginx does', async () => {
    const rules = [
      'none blocked server_names',
      'none example.com',
      'blocked *.example.com www.example.*',
      'example.com/ok .dot.test ~good\\. ~^\\w+/private',
      'server_names',
      'none example.com:80',
    ];
    const referers = [
      '',
      'http://example.com/',
      'https://EXAMPLE.com:8080/x',
      'http://a.example.com/',
      'http://www.example.org',
      'http://example.com/ok/1',
      'http://example.com/no',
      'http://dot.test/',
      'http://x.dot.test/',
      'ftp://example.com',
      'http://i.r',
      'http://i.ru',
      'xxxx',
      'http://very.good.site/',
      'http://host/private',
      'http://main.test/',
      'http://a.wild.test',
      'http://rex12.test/',
      'http://rex.test/',
      `http://${'x'.repeat(300)}.com/`,
      `http://${'x'.repeat(257)}`,
      'http://example.com:80/',
    ];
    for (const rule of rules) {
      await using lab = await startLab({ http: ({ port }) => server(port(0), `valid_referers ${rule}; return 200 "[$invalid_referer]";`) });
      const requests = [{ target: '/' }, ...referers.map((referer): Sent => ({ target: '/', headers: { Referer: referer } }))];
      expect(await differences(lab, requests), rule).toEqual([]);
    }
  });

  it('checks secure links of both kinds as nginx does', async () => {
    const now = Math.floor(Date.now() / 1000);
    const sign = (text: string): string => createHash('md5').update(text, 'latin1').digest('base64url');
    const link = (expires: string): string => `/x?md5=${sign(`key${expires}/x`)}&e=${expires}`;
    {
      await using lab = await startLab({
        http: ({ port }) =>
          server(
            port(0),
            'secure_link $arg_md5,$arg_e; secure_link_md5 "key$arg_e$uri"; return 200 "[$secure_link][$secure_link_expires]";',
          ),
      });
      const targets = [
        link(String(now + 1000)),
        link(String(now - 1000)),
        link('0'),
        link(''),
        link('x'),
        '/x',
        '/x?md5=zzz&e=99999999999',
        `/x?md5=${sign('no')}&e=99999999999`,
        link('99999999999'),
        `${link('99999999999')}==`,
      ];
      expect(
        await differences(
          lab,
          targets.map((target): Sent => ({ target })),
          now,
        ),
      ).toEqual([]);
    }
    {
      await using lab = await startLab({
        http: ({ port }) =>
          server(
            port(0),
            'secure_link $arg_md5; secure_link_md5 "key$remote_addr"; return 200 "[$secure_link_expires][$secure_link][$secure_link_expires]";',
          ),
      });
      const targets = [`/?md5=${sign('key127.0.0.1')}`, `/?md5=${sign('key127.0.0.2')}`, '/?md5=', '/'];
      expect(
        await differences(
          lab,
          targets.map((target): Sent => ({ target })),
          now,
        ),
      ).toEqual([]);
    }
    await using lab = await startLab({ http: ({ port }) => server(port(0), 'secure_link_secret word; return 200 "[$secure_link]";') });
    const hex = (text: string): string => createHash('md5').update(text, 'latin1').digest('hex');
    const targets = [
      `/p/${hex('linkword')}/link`,
      `/p/${hex('linkword').toUpperCase()}/link`,
      `/p/${hex('a/b%20?x=1word')}/a/b%20?x=1`,
      `/p/${hex('word')}/`,
      '/p/0/link',
      '/',
      '/p',
      `/${hex('linkword')}/link`,
    ];
    expect(
      await differences(
        lab,
        targets.map((target): Sent => ({ target })),
      ),
    ).toEqual([]);
  });

  it('reads the request into variables as nginx does', async () => {
    const names = [
      'args',
      'query_string',
      'is_args',
      'uri',
      'document_uri',
      'request_uri',
      'request',
      'request_method',
      'scheme',
      'https',
      'http2',
      'host',
      'server_name',
      'server_addr',
      'server_port',
      'server_protocol',
      'remote_addr',
      'realip_remote_addr',
      'remote_user',
      'content_length',
      'content_type',
      'http_x_a',
      'http_x_b',
      'HTTP_Host',
      'http_user_agent',
      'http_cookie',
      'http_x_forwarded_for',
      'http_nope',
      'proxy_add_x_forwarded_for',
      'cookie_a',
      'cookie_Session',
      'cookie_b',
      'arg_a',
      'arg_B',
      'arg_c',
      'status',
      'limit_rate',
      'request_completion',
      'request_body',
      'ssl_client_verify',
      'ssl_server_name',
      'proxy_protocol_addr',
      'fastcgi_script_name',
      'fastcgi_path_info',
    ];
    await using lab = await startLab({
      http: ({ port }) =>
        `server { listen 127.0.0.1:${port(0)}; server_name .First.test other; return 200 "${names.map((name) => `${name}=[\${${name}}]`).join(' ')}"; }`,
    });
    const requests: Sent[] = [
      { target: '/' },
      { target: '/a%20b/c?a=1&B=2&xa=9&a=3' },
      { target: '/?a' },
      { target: '/?&&A=x&c==y=&' },
      { target: 'http://Other.Test/abs?x' },
      { target: '/', headers: { Host: 'FIRST.test:8080', 'X-A': ' padded ', X_B: 'underscore', 'X-B': 'hyphen' } },
      { target: '/', headers: { Cookie: 'a=1; b = 2;session=x,y; Session=z' } },
      { target: '/', headers: { Cookie: 'aa=1, a=2; xb=3; b=' } },
      { target: '/', headers: { Cookie: 'a; b; a=late' } },
      { target: '/', headers: { Authorization: `Basic ${Buffer.from('joe:pass').toString('base64')}` } },
      { target: '/', headers: { Authorization: `basic  ${Buffer.from('joe:p').toString('base64')}` } },
      { target: '/', headers: { Authorization: 'Basic !!' } },
      { target: '/', headers: { Authorization: `Basic ${Buffer.from('nobody').toString('base64')}` } },
      { target: '/', headers: { Authorization: `Basic ${Buffer.from(':x').toString('base64')}` } },
      { target: '/', headers: { 'X-Forwarded-For': '1.2.3.4, 5.6.7.8', 'Content-Type': 'a/b', 'User-Agent': 'me', 'x-a': 'lower' } },
      { target: '/dir/?q', method: 'OPTIONS' },
    ];
    expect(await differences(lab, requests)).toEqual([]);
  });

  it('believes forwarded addresses as nginx does', async () => {
    const settings = [
      'set_real_ip_from 127.0.0.0/8;',
      'set_real_ip_from 127.0.0.0/8; real_ip_header X-Forwarded-For;',
      'set_real_ip_from 127.0.0.0/8; set_real_ip_from 10.0.0.0/8; set_real_ip_from ::1; real_ip_header X-Forwarded-For; real_ip_recursive on;',
      'set_real_ip_from 127.0.0.2; real_ip_header X-Forwarded-For; real_ip_recursive on;',
      'set_real_ip_from 127.0.0.0/8; set_real_ip_from 10.0.0.0/8; real_ip_header CF-Connecting-IP; real_ip_recursive on;',
      'set_real_ip_from unix:; real_ip_header X-Real-IP;',
    ];
    const lists = [
      '1.2.3.4',
      '1.2.3.4, 5.6.7.8',
      '1.2.3.4,10.0.0.1,10.0.0.2',
      '10.0.0.1, 10.0.0.2',
      'junk',
      'junk, 10.0.0.1',
      '1.2.3.4:555',
      '[2001:db8::7]:80',
      '2001:db8::7',
      '::1, 127.0.0.9',
      '9.9.9.9, ::ffff:10.0.0.5, 10.0.0.1',
      ' 1.2.3.4 , ',
      ',',
      '255.255.255.255',
      '1.2.3.4,',
    ];
    const requests = ['127.0.0.1', '127.0.0.2'].flatMap((from) =>
      lists.flatMap((list): Sent[] =>
        ['X-Real-IP', 'X-Forwarded-For', 'cf-connecting-ip'].map((name) => ({ target: '/', from, headers: { [name]: list } })),
      ),
    );
    for (const setting of settings) {
      await using lab = await startLab({
        http: ({ port }) =>
          `geo $here { default far; 10.0.0.0/8 ten; 127.0.0.0/8 self; }${server(port(0), `${setting} return 200 "$remote_addr $realip_remote_addr $here";`)}`,
      });
      expect(await differences(lab, requests), setting).toEqual([]);
    }
  });
});
