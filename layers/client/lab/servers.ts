import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SendPlan } from '@why403/client';
import type { Question } from '@why403/terms/request';

/** A server on a free loopback port that does to each connection what `serve` says. */
export interface LabServer {
  readonly port: number;
  /** All bytes that came in, as latin1 text. */
  received(): string;
  close(): Promise<void>;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

/** Closes a server and every connection that it still has. */
export function closing(server: Server, open: Set<Socket>): () => Promise<void> {
  return () =>
    new Promise((resolve) => {
      for (const socket of open) socket.destroy();
      server.close(() => resolve());
    });
}

/** Starts any node server (net, tls, http, https, http2) on a free port. */
export async function startServer(server: Server): Promise<{ readonly port: number; close(): Promise<void> }> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => open.delete(socket));
  });
  return { port: await listen(server), close: closing(server, open) };
}

export async function serveRaw(serve: (socket: Socket) => void): Promise<LabServer> {
  let received = '';
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
    });
    serve(socket);
  });
  const started = await startServer(server);
  return { ...started, received: () => received };
}

/** Answers once the request's head has come. */
export function answering(answer: string | Uint8Array): (socket: Socket) => void {
  return (socket) => {
    socket.once('data', () => socket.end(answer));
  };
}

export const plainPlan: SendPlan = {
  send: { allowed: true },
  body: null,
  redirects: 0,
  isLocationTrusted: false,
  overrides: [],
  connectTo: [],
  family: null,
  proxy: null,
  tls: { isVerified: true, certificate: null, key: null, passphrase: null, authorities: null, minVersion: null, maxVersion: null },
  maxTime: 5_000,
  connectTimeout: 5_000,
  mark: null,
};

export function question(port: number, more: Partial<Question> = {}): Question {
  return {
    method: 'GET',
    scheme: 'http',
    hostname: '127.0.0.1',
    port,
    target: '/',
    headers: [['Host', `127.0.0.1:${port}`]],
    bodyLength: 0,
    httpVersion: '1.1',
    ...more,
  };
}

/** Whether a program is there to be run. */
export function hasProgram(name: string): boolean {
  try {
    execFileSync(name, [name === 'openssl' ? 'version' : '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export interface Authority {
  readonly directory: string;
  readonly caFile: string;
  /** Issues a certificate and gives its files and text. */
  issue(
    name: string,
    subjectAltName: string,
    days?: number,
  ): { readonly certFile: string; readonly keyFile: string; readonly cert: Buffer; readonly key: Buffer };
  remove(): void;
}

/** A certificate authority of this test alone, made with openssl. */
export function createAuthority(): Authority {
  const directory = mkdtempSync(join(tmpdir(), 'why403-client-lab-'));
  const file = (name: string): string => join(directory, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { stdio: 'ignore' });
  };
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
    '-days',
    '2',
    '-subj',
    '/CN=Lab CA',
  );
  return {
    directory,
    caFile: file('ca.pem'),
    issue(name, subjectAltName, days = 2) {
      const [keyFile, request, certFile, extensions] = ['key', 'csr', 'pem', 'ext'].map((ending) => file(`${name}.${ending}`));
      if (keyFile === undefined || request === undefined || certFile === undefined || extensions === undefined)
        throw new Error('unreachable');
      writeFileSync(extensions, `subjectAltName=${subjectAltName}\n`);
      openssl(
        'req',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        keyFile,
        '-out',
        request,
        '-subj',
        `/CN=${name}`,
      );
      openssl(
        'x509',
        '-req',
        '-in',
        request,
        '-CA',
        file('ca.pem'),
        '-CAkey',
        file('ca.key'),
        '-CAcreateserial',
        '-days',
        String(days),
        '-extfile',
        extensions,
        '-out',
        certFile,
      );
      return { certFile, keyFile, cert: readFileSync(certFile), key: readFileSync(keyFile) };
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
