import { createConnection } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import type { Headers } from '@why403/terms/request';
import type { Endpoint } from '../copy/instance.ts';

/** What came back over the wire. The body is decompressed latin1 text, so that every byte survives. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export interface Asking {
  /** The client's address: any of 127.0.0.0/8 works on Linux without setting anything up. */
  readonly from?: string;
  /** Speaks TLS, with this server name and this certificate of its own. */
  readonly tls?: { readonly serverName: string | null; readonly client: { readonly cert: string; readonly key: string } | null };
  /** Milliseconds until a silent server counts as broken. */
  readonly patience?: number;
}

const PATIENCE = 10_000;

/**
 * Sends exactly these bytes (a string is latin1) over a connection of their own and reads one response.
 * Null: the server closed the connection without a word, as `return 444` does.
 */
export function ask(endpoint: Endpoint, raw: string, asking: Asking = {}): Promise<Answer | null> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer | null>();
  const isHead = raw.startsWith('HEAD ');
  const where = 'path' in endpoint ? endpoint : { ...endpoint, ...(asking.from === undefined ? {} : { localAddress: asking.from }) };
  const { tls } = asking;
  const socket =
    tls === undefined
      ? createConnection(where)
      : connectTls({
          ...where,
          ...tls.client,
          ...(tls.serverName === null ? {} : { servername: tls.serverName }),
          rejectUnauthorized: false,
        });
  let received = '';
  const finish = (answer: Answer | null): void => {
    resolve(answer);
    socket.destroy();
  };
  socket.setEncoding('latin1');
  socket.setTimeout(asking.patience ?? PATIENCE, () => {
    socket.destroy();
    reject(new Error(`no whole answer to ${JSON.stringify(raw.slice(0, 200))}; so far: ${JSON.stringify(received.slice(0, 200))}`));
  });
  socket.once(tls === undefined ? 'connect' : 'secureConnect', () => socket.write(raw, 'latin1'));
  socket.on('data', (text: string) => {
    received += text;
    const answer = readAnswer(received, { isHead, isOver: false });
    if (answer !== null) finish(answer);
  });
  socket.once('end', () => finish(readAnswer(received, { isHead, isOver: true })));
  socket.once('error', (error: NodeJS.ErrnoException) => {
    // nginx resets a connection whose request body it didn't read; what it said before counts. A TLS alert is wordless.
    const isEnd = error.code === 'ECONNRESET' || error.code === 'EPIPE' || error.code?.startsWith('ERR_SSL_') === true;
    if (isEnd) finish(readAnswer(received, { isHead, isOver: true }));
    else reject(error);
  });
  return promise;
}

/** Null: not complete yet, or nothing at all. */
function readAnswer(received: string, how: { isHead: boolean; isOver: boolean }): Answer | null {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first = '', ...lines] = received.slice(0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? Number.NaN);
  if (Number.isNaN(status)) throw new Error(`not an HTTP response: ${JSON.stringify(received.slice(0, 200))}`);
  const rest = received.slice(end + 4);
  if (status >= 100 && status < 200) return readAnswer(rest, how);
  const headers: Headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  const body = readBody(rest, status, headers, how);
  if (body === null) return null;
  const isCompressed = headers.some(([name, value]) => name.toLowerCase() === 'content-encoding' && value === 'gzip');
  return { status, headers, body: isCompressed && body !== '' ? gunzipSync(Buffer.from(body, 'latin1')).toString('latin1') : body };
}

/** RFC 9112 §6.3, as far as a client of nginx needs it. */
function readBody(rest: string, status: number, headers: Headers, how: { isHead: boolean; isOver: boolean }): string | null {
  if (how.isHead || status === 204 || status === 304) return '';
  const field = (name: string): string | undefined => headers.find(([key]) => key.toLowerCase() === name)?.[1];
  if (field('transfer-encoding') === 'chunked') return readChunks(rest);
  const length = field('content-length');
  if (length !== undefined && rest.length >= Number(length)) return rest.slice(0, Number(length));
  return how.isOver ? rest : null;
}

function readChunks(rest: string): string | null {
  let at = 0;
  let body = '';
  for (;;) {
    const end = rest.indexOf('\r\n', at);
    if (end < 0) return null;
    const size = Number.parseInt(rest.slice(at, end), 16);
    if (size === 0) return body;
    if (rest.length < end + 2 + size + 2) return null;
    body += rest.slice(end + 2, end + 2 + size);
    at = end + 2 + size + 2;
  }
}
