import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { probe } from '@why403/client';
import { afterEach, expect, test } from 'vitest';
import { answering, type LabServer, plainPlan, question, serveRaw } from './servers.ts';

const started: LabServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.close()));
});
async function serve(...args: Parameters<typeof serveRaw>): Promise<LabServer> {
  const server = await serveRaw(...args);
  started.push(server);
  return server;
}
const ask = (port: number, plan: Partial<typeof plainPlan> = {}, more: Parameters<typeof question>[1] = {}) =>
  probe(question(port, more), { ...plainPlan, ...plan }, ['127.0.0.1']);
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

test('the request goes out byte for byte, and what came back is told', async () => {
  const server = await serve(answering('HTTP/1.1 403 For bidden\r\nX-One: 1\r\nx-one: 2\r\nContent-Length: 2\r\n\r\nno'));
  const outcome = await ask(
    server.port,
    { mark: 'abc' },
    {
      method: 'PURGE',
      target: '/a/../b//%2e?x=%zz',
      headers: [
        ['x-B', 'v  w'],
        ['HOST', 'other'],
        ['X-a', ''],
      ],
      httpVersion: '1.0',
    },
  );
  expect(server.received()).toBe('PURGE /a/../b//%2e?x=%zz HTTP/1.0\r\nx-B: v  w\r\nHOST: other\r\nX-a:\r\n\r\n');
  expect(outcome).toMatchObject({
    state: 'answered',
    exchange: {
      mark: 'abc',
      status: 403,
      reason: 'For bidden',
      headers: [
        ['X-One', '1'],
        ['x-one', '2'],
        ['Content-Length', '2'],
      ],
      body: 'no',
      tls: null,
      remote: { address: '127.0.0.1', port: server.port },
    },
  });
  if (outcome.state !== 'answered') throw new Error(outcome.failure.says);
  expect(outcome.exchange.local.port).toBeGreaterThan(0);
  expect(outcome.exchange.receivedAt).toBeGreaterThanOrEqual(outcome.exchange.sentAt);
});

test('a body goes out with its length, or in chunks when the person asked for chunks', async () => {
  const body = new TextEncoder().encode('a=1');
  const server = await serve((socket) => socket.on('data', (bytes) => /a=1/.test(bytes.toString('latin1')) && socket.end(OK)));
  await ask(server.port, { body }, { method: 'POST', headers: [['Content-Length', '3']] });
  await ask(server.port, { body }, { method: 'POST', headers: [['Transfer-Encoding', 'chunked']] });
  expect(server.received()).toContain('Content-Length: 3\r\n\r\na=1');
  expect(server.received()).toContain('Transfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n');
});

test('interim answers are skipped, and a server that keeps the connection open is not waited for', async () => {
  const server = await serve((socket) => socket.once('data', () => socket.write(`HTTP/1.1 103 Early Hints\r\n\r\n${OK}`)));
  expect(await ask(server.port)).toMatchObject({ state: 'answered', exchange: { status: 200, body: 'ok' } });
});

test('compressed bodies are decoded, and a bomb bursts at the bound', async () => {
  const pack = (bytes: Uint8Array) =>
    Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bytes.length}\r\n\r\n`), bytes]);
  const small = await serve(answering(pack(gzipSync('hello'))));
  expect(await ask(small.port)).toMatchObject({ exchange: { body: 'hello' } });
  const bomb = await serve(answering(pack(gzipSync(Buffer.alloc(50_000_000)))));
  const outcome = await ask(bomb.port);
  expect(outcome.state === 'answered' && outcome.exchange.body.length).toBe(64 * 1024);
  const broken = await serve(answering(pack(new Uint8Array([1, 2, 3]))));
  expect(await ask(broken.port)).toMatchObject({ exchange: { status: 200, body: '' } });
});

test.each<[string, Parameters<typeof serveRaw>[0], string, string | null]>([
  ['closes at once', (socket) => socket.once('data', () => socket.end()), 'closed', null],
  ['resets', (socket) => socket.once('data', () => socket.resetAndDestroy()), 'reset', 'ECONNRESET'],
  ['says nothing', () => {}, 'timeout', null],
  ['speaks another protocol', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'), 'malformed', 'not-http'],
  ['speaks TLS', answering(Buffer.from([0x15, 3, 3, 0, 2, 2, 40])), 'malformed', 'not-http'],
  ['sends binary junk', answering(Buffer.from(Array.from({ length: 1000 }, (_, index) => (index * 37) % 256))), 'malformed', 'not-http'],
  ['breaks off in the head', answering('HTTP/1.1 200 OK\r\nX: '), 'malformed', 'cut-short'],
  [
    'sends header fields without end',
    (socket) => socket.once('data', () => pour(socket, 'HTTP/1.1 200 OK\r\n', 'X-Endless: and more and more\r\n')),
    'malformed',
    'head-too-large',
  ],
  [
    'sends interim answers without end',
    (socket) => socket.once('data', () => pour(socket, '', 'HTTP/1.1 100 Continue\r\n\r\n')),
    'malformed',
    'too-many-interim',
  ],
  ['drips its head byte by byte', (socket) => drip(socket, 'HTTP/1.1 200 OK\r\nX: '), 'timeout', null],
])('a server that %s ends in a failure and not in a hang', async (_, hostile, kind, code) => {
  const server = await serve(hostile);
  const outcome = await ask(server.port, { maxTime: 400, connectTimeout: 400 });
  expect(outcome).toMatchObject({ state: 'failed', failure: { kind, code, phase: 'answer' } });
  expect(outcome.state === 'failed' && outcome.failure.says).toMatch(/^[A-Z].*\.$/);
});

test.each<[string, Parameters<typeof serveRaw>[0]]>([
  ['drips its body', (socket) => drip(socket, 'HTTP/1.1 403 Forbidden\r\nContent-Length: 100000\r\n\r\n', 'x')],
  [
    'resets in the body',
    (socket) =>
      socket.once('data', () =>
        socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nx', () => setImmediate(() => socket.resetAndDestroy())),
      ),
  ],
  ['sends a body without end', (socket) => socket.once('data', () => pour(socket, 'HTTP/1.1 403 Forbidden\r\n\r\n', 'x'.repeat(65_536)))],
  ['sends broken chunks', answering('HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n')],
])('a server that %s has answered all the same', async (_, hostile) => {
  const server = await serve(hostile);
  expect(await ask(server.port, { maxTime: 400 })).toMatchObject({ state: 'answered', exchange: { status: 403 } });
});

test('nothing listens: refused, with the address', async () => {
  const server = await serveRaw(() => {});
  await server.close();
  expect(await ask(server.port)).toMatchObject({
    state: 'failed',
    failure: { kind: 'connection-refused', phase: 'connect', code: 'ECONNREFUSED', remote: { address: '127.0.0.1', port: server.port } },
  });
});

test('the first address that answers is used', async () => {
  const server = await serve(answering(OK));
  const outcome = await probe(question(server.port), plainPlan, ['127.0.0.77', '127.0.0.1']);
  expect(outcome).toMatchObject({ state: 'answered', exchange: { remote: { address: '127.0.0.1' } } });
});

test('an interrupt ends the probe at once', async () => {
  const server = await serve(() => {});
  const interrupt = new AbortController();
  const outcome = probe(question(server.port), plainPlan, ['127.0.0.1'], { signal: interrupt.signal });
  interrupt.abort();
  expect(await outcome).toMatchObject({ state: 'failed' });
});

/** Writes `more` for as long as the other side takes it. */
function pour(socket: Socket, first: string, more: string): void {
  socket.write(first);
  const go = (): void => {
    while (!socket.destroyed && socket.write(more));
  };
  socket.on('drain', go);
  go();
}

function drip(socket: Socket, first: string, more = 'y'): void {
  socket.once('data', () => {
    socket.write(first);
    const timer = setInterval(() => socket.write(more), 20);
    socket.once('close', () => clearInterval(timer));
  });
}
