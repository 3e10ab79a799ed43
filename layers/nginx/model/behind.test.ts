import { createHmac } from 'node:crypto';
import { createRedactor } from '@why403/terms/redaction';
import type { Exchange } from '@why403/terms/request';
import { expect, test } from 'vitest';
import { bagOf } from '../causes/bag-of.ts';
import { quote } from '../causes/quote.ts';
import { appResponsesOf } from './behind.ts';
import { carriedIn } from './carried.ts';

const redactor = createRedactor((text) => createHmac('sha256', 'a key of this test').update(text).digest('hex'));

const exchange: Exchange = {
  question: {
    method: 'GET',
    scheme: 'http',
    hostname: 'example.test',
    port: 80,
    target: '/',
    headers: [],
    bodyLength: 0,
    httpVersion: '1.1',
  },
  mark: null,
  sentAt: 0,
  receivedAt: 1,
  local: { address: '127.0.0.1', port: 40_000 },
  remote: { address: '127.0.0.1', port: 80 },
  status: 403,
  reason: 'Forbidden',
  headers: [
    ['Content-Type', 'application/json'],
    ['X-Powered-By', 'Express'],
    ['Set-Cookie', 'sid=canary'],
  ],
  body: '{"message":"no","token":"canary-canary-canary"}',
  tls: null,
};

function responses(nginx: string, more: Readonly<Record<string, unknown>> = {}) {
  const bag = bagOf({ nginx: `server { listen 80; ${nginx} }`, observed: 403, errors: [], ...more });
  const refusals = bag['nginx/refusals'];
  if (refusals?.state !== 'gathered') throw new Error('no refusals');
  const { items, observation, missing } = refusals.value;
  return appResponsesOf({ items, exchange, observation, missing, quote, redactor }).responses;
}

test('what came from behind is told with its status, its words and no secret', () => {
  const [response, ...more] = responses('location / { proxy_pass http://127.0.0.1:9000; }', { access: { upstream_status: '502, 403' } });
  expect(more).toEqual([]);
  expect(response).toMatchObject({ at: 0, target: 'http://127.0.0.1:9000', status: 403, rule: { line: 1 } });
  expect(response?.headers.map(([name]) => name)).toEqual(['Content-Type', 'X-Powered-By']);
  expect(response?.excerpt).toContain('"message":"no"');
  expect(JSON.stringify(response)).not.toContain('canary');
});

test('a page that nginx put in its place is not its words', () => {
  const site =
    'proxy_intercept_errors on; error_page 403 =403 /sorry; location / { proxy_pass http://127.0.0.1:9000; } location /sorry { return 403 x; }';
  for (const response of responses(site, { access: { upstream_status: '403' } })) expect(response.excerpt).toBeNull();
});

test('without an upstream nothing is behind', () => {
  expect(responses('deny all;', { errors: ['access forbidden by rule'] })).toEqual([]);
});

test('log entries tell whom a peer forwards for, as far as their format does', () => {
  const entry = (values: Readonly<Record<string, string>>) => ({ values: new Map(Object.entries(values)), text: '' });
  expect(
    carriedIn([
      entry({ remote_addr: '10.0.0.5', http_x_forwarded_for: '203.0.113.9' }),
      entry({ remote_addr: '203.0.113.9', realip_remote_addr: '10.0.0.5' }),
      entry({ remote_addr: '10.0.0.5', http_x_forwarded_for: '-' }),
      entry({ remote_addr: '10.0.0.5' }),
      entry({ remote_addr: '10.0.0.5', http_x_forwarded_for: '203.0.113.9', http_user_agent: 'why403/0.1.0 (probe 00)' }),
      entry({ status: '403' }),
    ]),
  ).toEqual([
    { peer: '10.0.0.5', forwarded: '203.0.113.9' },
    { peer: '10.0.0.5', forwarded: '203.0.113.9' },
    { peer: '10.0.0.5', forwarded: '' },
    { peer: '10.0.0.5', forwarded: null },
  ]);
});
