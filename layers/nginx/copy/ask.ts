import { connect as connectHttp2 } from 'node:http2';
import { createConnection, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { isIP } from 'node:net';
import { header } from '@why403/terms/request';
import type { ModelRequest } from '../model/trace.ts';
import { STUB_HEADER } from './frame.ts';
import type { Endpoint } from './instance.ts';

/** What a copy answered. 444 stands for a connection closed without a word, as nginx itself calls it. */
export interface Reply {
  readonly status: number;
  /** Whether a stub answered: the request got through to what is behind. */
  readonly isStub: boolean;
}

export interface Asking {
  readonly endpoint: Endpoint;
  /** The address to connect from; only loopback addresses are this machine's to use. */
  readonly from?: string;
  /** The client's address to tell by the PROXY protocol, on endpoints that expect one. */
  readonly told?: string;
  readonly bodyLength: number;
  readonly signal: AbortSignal;
  /** Milliseconds until a silent server counts as giving no answer. */
  readonly patience?: number;
}

const PATIENCE = 10_000;
/** A body's content is never known, only its length. */
const MOST_BODY = 16 * 1024 * 1024;
const CLOSED: Reply = { status: 444, isStub: false };

/** Sends one request on a connection of its own and reads the head of its answer. Null: no answer came. */
export async function ask(request: ModelRequest, asking: Asking): Promise<Reply | null> {
  if (asking.signal.aborted) return null;
  const { promise, resolve } = Promise.withResolvers<Reply | null>();
  const local = asking.from === undefined ? {} : { localAddress: asking.from };
  const socket = createConnection({ ...asking.endpoint, ...local });
  const stop = (): void => resolve(null);
  const timer = setTimeout(stop, asking.patience ?? PATIENCE);
  asking.signal.addEventListener('abort', stop, { once: true });
  socket.once('error', (error: NodeJS.ErrnoException) => {
    // A connection that was made and then dropped is an answer of its own; `exchange` says which.
    if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') stop();
  });
  if (asking.told !== undefined) socket.write(proxyLine(asking.told, request));
  if (request.tls === null) exchange(socket, request, asking, resolve);
  else overTls(socket, request, asking, resolve);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    asking.signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

type Resolve = (reply: Reply | null) => void;

function overTls(socket: Socket, request: ModelRequest, asking: Asking, resolve: Resolve): void {
  const name = request.tls?.serverName ?? null;
  const stream = connectTls({
    socket,
    // The copy shows a certificate of its own, and old protocols are the real server's business.
    rejectUnauthorized: false,
    minVersion: 'TLSv1',
    ALPNProtocols: request.httpVersion === '2' ? ['h2', 'http/1.1'] : ['http/1.1'],
    // RFC 6066, 3: an address is no server name.
    ...(name === null || isIP(name) !== 0 ? {} : { servername: name }),
  });
  const fail = (): void => resolve(null);
  stream.once('error', fail);
  stream.once('close', fail);
  stream.once('secureConnect', () => {
    stream.off('error', fail);
    stream.off('close', fail);
    if (stream.alpnProtocol === 'h2') overHttp2(stream, request, asking, resolve);
    else exchange(stream, request, asking, resolve);
  });
}

/** The exact head that was asked about, a body of the right length, and the status line of the answer. */
function exchange(stream: Duplex, request: ModelRequest, asking: Asking, resolve: Resolve): void {
  let received = '';
  const read = (isOver: boolean): void => {
    const reply = readHead(received);
    if (reply !== null) resolve(reply);
    else if (isOver) resolve(received === '' ? CLOSED : null);
  };
  stream.on('data', (bytes: Buffer) => {
    received += bytes.toString('latin1');
    read(false);
  });
  stream.once('end', () => read(true));
  // nginx resets a connection whose body it didn't read; what it said before counts.
  stream.once('error', () => read(true));
  stream.write(Buffer.from(headOf(request, asking.bodyLength), isLatin1(request.target) ? 'latin1' : 'utf8'));
  const body = Buffer.alloc(Math.min(asking.bodyLength, MOST_BODY), 0x61);
  if (isChunked(request))
    stream.write(
      Buffer.concat(
        [...(body.length === 0 ? [] : [`${body.length.toString(16)}\r\n`, body, '\r\n']), '0\r\n\r\n'].map((part) => Buffer.from(part)),
      ),
    );
  else if (body.length > 0) stream.write(body);
}

/** The fields as asked about, wrong ones too; a length is added only where the body would go unnoticed. */
function headOf(request: ModelRequest, bodyLength: number): string {
  const { headers } = request;
  const isFramed = header(headers, 'content-length') !== undefined || header(headers, 'transfer-encoding') !== undefined;
  const added = [
    ...(bodyLength > 0 && !isFramed ? [['Content-Length', String(bodyLength)] as const] : []),
    ...(header(headers, 'connection') === undefined ? [['Connection', 'close'] as const] : []),
  ];
  const fields = [...headers, ...added].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const version = request.httpVersion === '1.0' ? '1.0' : '1.1';
  return `${request.method} ${request.target} HTTP/${version}\r\n${fields}\r\n`;
}

function isChunked(request: ModelRequest): boolean {
  return header(request.headers, 'transfer-encoding')?.toLowerCase() === 'chunked';
}

function readHead(received: string): Reply | null {
  const end = received.indexOf('\r\n\r\n');
  const match = /^HTTP\/[\d.]+ (\d{3})/.exec(received);
  if (end < 0 || match === null) return null;
  const status = Number(match[1]);
  if (status >= 100 && status < 200) return readHead(received.slice(end + 4));
  return { status, isStub: new RegExp(`\\r\\n${STUB_HEADER}: `, 'i').test(received.slice(0, end)) };
}

/** RFC 9113, 8.3: the host goes into a pseudo-header; connection-specific fields have no place. */
function overHttp2(stream: Duplex, request: ModelRequest, asking: Asking, resolve: Resolve): void {
  const host = header(request.headers, 'host');
  const session = connectHttp2('https://why403.invalid', { createConnection: () => stream });
  session.once('error', () => resolve(null));
  const fields: Record<string, string | string[]> = {};
  for (const [name, value] of request.headers) {
    const key = name.toLowerCase();
    if (['host', 'connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'content-length', 'expect'].includes(key))
      continue;
    const before = fields[key];
    fields[key] = before === undefined ? value : [before, value].flat();
  }
  const pseudo = { ':method': request.method, ':path': request.target, ':scheme': 'https', ':authority': host ?? '' };
  const sent = session.request({ ...pseudo, ...fields }, { endStream: asking.bodyLength === 0 });
  sent.once('response', (answer) =>
    resolve({ status: Number(answer[':status']), isStub: answer[STUB_HEADER.toLowerCase()] !== undefined }),
  );
  sent.once('error', () => resolve(null));
  sent.once('close', () => resolve(CLOSED));
  if (asking.bodyLength > 0) sent.end(Buffer.alloc(Math.min(asking.bodyLength, MOST_BODY), 0x61));
}

/** Version 1 of the PROXY protocol (proxy-protocol.txt, 2.1). Source and destination must be of one family. */
function proxyLine(told: string, request: ModelRequest): string {
  const isV6 = told.includes(':');
  const local = request.local.address.replace(/^\[|\]$/g, '');
  const destination = isV6 ? (local.includes(':') ? local : `::ffff:${local}`) : local.includes(':') ? '127.0.0.1' : local;
  return `PROXY ${isV6 ? 'TCP6' : 'TCP4'} ${told} ${destination} ${request.peer.port ?? 40_403} ${request.local.port}\r\n`;
}

function isLatin1(text: string): boolean {
  return !/[^\u0000-\u00ff]/.test(text);
}
