import { readFileSync } from 'node:fs';
import { createSecureServer, createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { probe, type SendPlan } from '@why403/client';
import type { Question } from '@why403/terms/request';
import { afterAll, afterEach, expect, test } from 'vitest';
import { answering, createAuthority, hasProgram, plainPlan, question, serveRaw, startServer } from './servers.ts';

const hasOpenssl = hasProgram('openssl');
const authority = hasOpenssl ? createAuthority() : null;
const local = authority?.issue('localhost', 'DNS:localhost,IP:127.0.0.1');
afterAll(() => authority?.remove());
// oxlint-disable-next-line vitest/no-disabled-tests -- without openssl there is no certificate to try
const lab = test.skipIf(!hasOpenssl);

const started: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.close()));
});
async function serve(server: Parameters<typeof startServer>[0]): Promise<number> {
  const running = await startServer(server);
  started.push(running);
  return running.port;
}
function ask(port: number, tls: Partial<SendPlan['tls']>, more: Partial<Question> = {}) {
  const plan = { ...plainPlan, tls: { ...plainPlan.tls, authorities: authority?.caFile ?? null, ...tls } };
  return probe(question(port, { scheme: 'https', hostname: 'localhost', headers: [['Host', 'x']], ...more }), plan, ['127.0.0.1']);
}
const secrets = () => ({ key: local?.key, cert: local?.cert });

lab('a trusted certificate is told as such, an untrusted one ends the probe unless told otherwise', async () => {
  const port = await serve(createHttpsServer(secrets(), (_, response) => response.writeHead(403).end('no')));
  expect(await ask(port, {})).toMatchObject({
    state: 'answered',
    exchange: { status: 403, body: 'no', tls: { protocol: 'TLSv1.3', authorized: true, problem: null } },
  });
  expect(await ask(port, {}, { hostname: '127.0.0.1' })).toMatchObject({ exchange: { tls: { authorized: true } } });
  expect(await ask(port, { authorities: null })).toMatchObject({
    state: 'failed',
    failure: { kind: 'tls', phase: 'tls', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
  });
  expect(await ask(port, { authorities: null, isVerified: false })).toMatchObject({
    exchange: { status: 403, tls: { authorized: false, problem: expect.stringContaining('issuer') } },
  });
});

lab('a certificate for another name is named as the reason', async () => {
  const port = await serve(createHttpsServer(secrets(), (_, response) => response.end()));
  const outcome = await ask(port, {}, { hostname: 'other.example' });
  expect(outcome).toMatchObject({
    state: 'failed',
    failure: { kind: 'tls', code: 'ERR_TLS_CERT_ALTNAME_INVALID', says: expect.stringContaining('another name') },
  });
});

lab('a missing client certificate is named, and a given one is presented', async () => {
  const client = authority?.issue('client', 'DNS:client');
  const ca = authority === null ? [] : [readFileSync(authority.caFile)];
  const port = await serve(
    createHttpsServer({ ...secrets(), ca, requestCert: true, rejectUnauthorized: true }, (_, response) => response.end('in')),
  );
  expect(await ask(port, {})).toMatchObject({ state: 'failed', failure: { kind: 'tls' } });
  expect(await ask(port, { certificate: client?.certFile ?? null, key: client?.keyFile ?? null })).toMatchObject({
    exchange: { status: 200, body: 'in' },
  });
  expect(await ask(port, { certificate: client?.certFile ?? null, key: local?.keyFile ?? null })).toMatchObject({
    failure: { kind: 'impossible', says: expect.stringContaining('does not belong') },
  });
  expect(await ask(port, { certificate: '/nonexistent/c.pem' })).toMatchObject({ failure: { kind: 'impossible', code: 'file/missing' } });
});

lab('https to a port of http, and http to a port of https, are told apart', async () => {
  const plain = await serveRaw(answering('HTTP/1.1 400 Bad Request\r\n\r\n'));
  started.push(plain);
  expect(await ask(plain.port, {})).toMatchObject({
    state: 'failed',
    failure: { kind: 'tls', says: expect.stringContaining('does not speak TLS') },
  });
  const port = await serve(createHttpsServer(secrets(), (_, response) => response.end()));
  expect(await ask(port, {}, { scheme: 'http' })).toMatchObject({ state: 'failed', failure: { phase: 'answer' } });
});

lab('a server that accepts and never shakes hands ends in a timeout of TLS', async () => {
  const silent = await serveRaw(() => {});
  started.push(silent);
  const plan = { ...plainPlan, connectTimeout: 200 };
  const outcome = await probe(question(silent.port, { scheme: 'https' }), plan, ['127.0.0.1']);
  expect(outcome).toMatchObject({ state: 'failed', failure: { kind: 'timeout', phase: 'tls' } });
});

lab('HTTP/2 is used where TLS agrees on it, else HTTP/1.1, and the exchange says which', async () => {
  const two = await serve(
    createSecureServer({ ...secrets(), allowHTTP1: false }, (request, response) =>
      response.writeHead(403, { 'x-got': request.headers['x-one'] ?? '' }).end(request.authority),
    ),
  );
  const wish: Partial<Question> = {
    httpVersion: '2',
    headers: [
      ['Host', 'chosen.example'],
      ['X-One', '1'],
      ['Connection', 'close'],
    ],
  };
  expect(await ask(two, {}, wish)).toMatchObject({
    exchange: { status: 403, body: 'chosen.example', question: { httpVersion: '2' }, headers: expect.arrayContaining([['x-got', '1']]) },
  });
  const one = await serve(createHttpsServer(secrets(), (_, response) => response.end('one')));
  expect(await ask(one, {}, wish)).toMatchObject({ exchange: { status: 200, body: 'one', question: { httpVersion: '1.1' } } });
});

test('HTTP/2 without TLS by prior knowledge, and against a server of HTTP/1.1', async () => {
  const port = await serve(createHttp2Server((_, response) => response.end('two')));
  expect(await probe(question(port, { httpVersion: '2' }), plainPlan, ['127.0.0.1'])).toMatchObject({
    exchange: { status: 200, body: 'two' },
  });
  const plain = await serveRaw(answering('HTTP/1.1 400 Bad Request\r\n\r\n'));
  started.push(plain);
  expect(await probe(question(plain.port, { httpVersion: '2' }), { ...plainPlan, maxTime: 1000 }, ['127.0.0.1'])).toMatchObject({
    state: 'failed',
  });
});

/** A proxy that opens tunnels after a look at the request's head. */
const tunnel = (allow: (head: string) => string | null) => (client: Socket) => {
  client.once('data', (bytes) => {
    const head = bytes.toString('latin1');
    const refusal = allow(head);
    if (refusal !== null) {
      client.end(refusal);
      return;
    }
    const port = Number(/^CONNECT [^:]+:(\d+)/.exec(head)?.[1]);
    const upstream = connect(port, '127.0.0.1', () => client.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
    client.pipe(upstream).pipe(client);
  });
};

lab('https goes through a proxy in a tunnel, and the proxy’s own refusal is told as the proxy’s', async () => {
  const port = await serve(createHttpsServer(secrets(), (_, response) => response.end('behind')));
  const through = async (serveProxy: (socket: Socket) => void, authorization: string | null) => {
    const proxy = await serveRaw(serveProxy);
    started.push(proxy);
    const plan: SendPlan = {
      ...plainPlan,
      tls: { ...plainPlan.tls, authorities: authority?.caFile ?? null },
      proxy: { scheme: 'http', hostname: '127.0.0.1', port: proxy.port, authorization, isTunnel: true, from: '--proxy' },
    };
    const outcome = await probe(question(port, { scheme: 'https', hostname: 'localhost' }), plan, ['127.0.0.1']);
    return { outcome, received: proxy.received() };
  };
  const open = await through(
    tunnel((head) => (head.includes('Proxy-Authorization: Basic eA==') ? null : 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')),
    'Basic eA==',
  );
  expect(open.outcome).toMatchObject({ exchange: { status: 200, body: 'behind' } });
  expect(open.received).toMatch(new RegExp(`^CONNECT localhost:${port} HTTP/1\\.1\\r\\n`));
  const shut = await through(
    tunnel(() => 'HTTP/1.1 403 Forbidden\r\nX-Deny-Reason: host_not_allowed\r\n\r\n'),
    null,
  );
  expect(shut.outcome).toMatchObject({
    state: 'failed',
    failure: { kind: 'proxy-refused', phase: 'proxy', answer: { status: 403, headers: [['X-Deny-Reason', 'host_not_allowed']] } },
  });
});

test('http goes through a proxy in absolute form', async () => {
  const proxy = await serveRaw(answering('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  started.push(proxy);
  const plan: SendPlan = {
    ...plainPlan,
    proxy: { scheme: 'http', hostname: '127.0.0.1', port: proxy.port, authorization: 'Basic eA==', isTunnel: false, from: '--proxy' },
  };
  await probe(
    question(80, {
      hostname: 'h.example',
      target: '/a?b',
      headers: [
        ['Host', 'h.example'],
        ['A', 'b'],
      ],
    }),
    plan,
    ['127.0.0.1'],
  );
  expect(proxy.received()).toBe('GET http://h.example/a?b HTTP/1.1\r\nHost: h.example\r\nProxy-Authorization: Basic eA==\r\nA: b\r\n\r\n');
});
