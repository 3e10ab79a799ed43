import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectClean } from './clear.ts';
import { answerWith, serve, serveRaw } from './raw-server.ts';
import { diagnosed, why403 } from './why403.ts';

/** What a person is told who gets no answer: exit 3, one clear sentence first, in time. */
async function expectUnreachable(args: readonly string[], says: readonly RegExp[]): Promise<void> {
  const started = performance.now();
  const { report, code } = await diagnosed(args);
  expect(performance.now() - started, 'nothing hangs').toBeLessThan(20_000);
  expect({ code, outcome: report.outcome, findings: report.findings, fix: report.fix }).toEqual({
    code: 3,
    outcome: 'unreachable',
    findings: [],
    fix: null,
  });
  for (const part of says) expect(report.summary).toMatch(part);
  expect(report.summary).toMatch(/[^.]\.$/);
  expectClean(await why403(['diagnose', ...args]));
}

/** Writes a byte now and then, for as long as somebody listens. */
function drip(socket: Socket, first: string): void {
  socket.write(first);
  const timer = setInterval(() => socket.write('x'), 50);
  socket.once('close', () => clearInterval(timer));
}

function selfSigned(): { readonly key: Buffer; readonly cert: Buffer } {
  const directory = mkdtempSync(join(tmpdir(), 'why403-lab-tls-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  try {
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        key,
        '-out',
        cert,
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
        '-days',
        '1',
      ],
      { stdio: 'ignore' },
    );
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

describe('a server that can not be asked', () => {
  it('nothing listens', async () => {
    const gone = await serveRaw(() => undefined);
    await gone[Symbol.asyncDispose]();
    await expectUnreachable([`http://127.0.0.1:${gone.port}/`], [/Nothing listens on 127\.0\.0\.1:\d+/]);
  });

  it('a name that does not resolve', async () => {
    await expectUnreachable(['http://why403.invalid/'], [/why403\.invalid does not resolve/]);
  });

  it('a certificate that nobody vouches for', async () => {
    await using server = await serve(
      createTlsServer(selfSigned(), (socket) => void socket.once('data', () => answerWith('', 'no')(socket))),
    );
    await expectUnreachable([`https://localhost:${server.port}/`], [/certificate is not trusted/, /--cacert FILE/]);
    const { report, code } = await diagnosed(['-k', `https://localhost:${server.port}/`]);
    expect({ code, outcome: report.outcome, status: report.observed?.status }).toEqual({ code: 3, outcome: 'refused', status: 403 });
    expect(report.settle?.check, 'trust is not what refuses').not.toContain('certificate');
  });

  it('plain HTTP where https was asked for', async () => {
    await using server = await serveRaw(answerWith('', 'no'));
    await expectUnreachable([`https://127.0.0.1:${server.port}/`], [/does not speak TLS/, /http:\/\//]);
  });

  it('a server that takes the request and says nothing', async () => {
    await using server = await serveRaw(() => undefined);
    await expectUnreachable(['--max-time', '1', `http://127.0.0.1:${server.port}/`], [/did not answer in time/, /--max-time/]);
  });

  it('a status line that comes byte by byte', async () => {
    await using server = await serveRaw((socket) => drip(socket, 'HTTP/1.1 403 Forb'));
    await expectUnreachable(['--max-time', '1', `http://127.0.0.1:${server.port}/`], [/did not answer in time/]);
  });

  it('header fields without an end', async () => {
    await using server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 403 Forbidden\r\n');
      const timer = setInterval(() => socket.write(`X-More: ${'y'.repeat(60_000)}\r\n`), 5);
      socket.once('close', () => clearInterval(timer));
    });
    await expectUnreachable(['--max-time', '5', `http://127.0.0.1:${server.port}/`], [/./]);
  });

  it('an answer that is no HTTP', async () => {
    await using server = await serveRaw((socket) => void socket.end('\u001b[31mSSH-2.0-whatever\u0007\r\n\r\n'));
    await expectUnreachable([`http://127.0.0.1:${server.port}/`], [/not HTTP/]);
  });

  it('a connection that is closed without an answer', async () => {
    await using server = await serveRaw((socket) => void socket.destroy());
    await expectUnreachable([`http://127.0.0.1:${server.port}/`], [/closed|reset/i]);
  });

  it('a body that never ends still has a status', async () => {
    await using server = await serveRaw((socket) => drip(socket, 'HTTP/1.1 403 Forbidden\r\nContent-Length: 100000\r\n\r\n'));
    const { report, code } = await diagnosed(['--max-time', '1', `http://127.0.0.1:${server.port}/`]);
    expect({ code, status: report.observed?.status, outcome: report.outcome }).toEqual({ code: 3, status: 403, outcome: 'refused' });
  });
});

describe('a server of a kind that is not known', () => {
  it('is named with its process, and so is what would settle it', async () => {
    await using server = await serve(createHttpServer((_, response) => response.writeHead(403).end('no')));
    const { report, code } = await diagnosed([`http://127.0.0.1:${server.port}/private/`]);
    expect({ code, outcome: report.outcome, findings: report.findings }).toEqual({ code: 3, outcome: 'refused', findings: [] });
    expect(report.notes.join('\n')).toContain(`process ${process.pid}`);
    expect(report.settle?.check).toContain(`the log of process ${process.pid}`);
    expect(report.layers.find((one) => one.layer === 'server')?.verdict).toBe('undetermined');
    expectClean(await why403(['diagnose', `http://127.0.0.1:${server.port}/private/`]));
  });

  it('is as good as a passing one when it lets the request through', async () => {
    await using server = await serve(createHttpServer((_, response) => response.end('yes')));
    const { report, code } = await diagnosed([`http://127.0.0.1:${server.port}/`]);
    expect({ code, outcome: report.outcome, settle: report.settle }).toEqual({ code: 0, outcome: 'allowed', settle: null });
  });
});
