import { connect as http2Connect, constants } from 'node:http2';
import type { Socket } from 'node:net';
import { type Headers, type Question } from '@why403/terms/request';
import { authorityOf } from '@why403/terms/uri';
import { ProbeTrouble } from '../model/failure.ts';
import type { Answer } from './http1.ts';

const KEPT_BODY = 64 * 1024;
/** RFC 9113 §8.2.2: fields of a connection have no place in HTTP/2. Host travels as `:authority`. */
const LEFT_OUT: ReadonlySet<string> = new Set(['host', 'connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

function pseudoFields(question: Question): Record<string, string> {
  const host = question.headers.find(([name]) => name.toLowerCase() === 'host')?.[1];
  return {
    ':method': question.method,
    ':scheme': question.scheme,
    ':authority': host ?? authorityOf(question),
    ':path': question.target,
  };
}

function requestFields(question: Question): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = pseudoFields(question);
  for (const [name, value] of question.headers) {
    const lower = name.toLowerCase();
    if (LEFT_OUT.has(lower)) continue;
    const before = fields[lower];
    fields[lower] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return fields;
}

function answerFields(fields: Readonly<Record<string, string | string[] | number | undefined>>): Headers {
  return Object.entries(fields).flatMap<Headers[number]>(([name, value]) => {
    if (name.startsWith(':') || value === undefined) return [];
    return Array.isArray(value) ? value.map((one) => [name, one] as const) : [[name, String(value)]];
  });
}

/** One request over HTTP/2 on a connection that speaks it. */
export function exchangeHttp2(socket: Socket, question: Question, body: Uint8Array | null, deadline: AbortSignal): Promise<Answer> {
  const remote = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
  return new Promise((resolve, reject) => {
    let answer: { status: number; headers: Headers } | null = null;
    const kept: Buffer[] = [];
    let length = 0;
    let isOver = false;
    const session = http2Connect(`${question.scheme}://${authorityOf(question)}`, {
      createConnection: () => socket,
      maxSendHeaderBlockLength: 256 * 1024,
    });
    function finish(trouble: () => ProbeTrouble): void {
      if (isOver) return;
      isOver = true;
      deadline.removeEventListener('abort', onDeadline);
      session.destroy();
      if (answer === null) reject(trouble());
      else
        resolve({ head: { status: answer.status, reason: '', headers: answer.headers }, body: Buffer.concat(kept).subarray(0, KEPT_BODY) });
    }
    function onError(error: NodeJS.ErrnoException): void {
      const code = error.code ?? 'unknown reason';
      const isProtocol = code === 'ERR_HTTP2_ERROR' || code === 'ERR_HTTP2_STREAM_ERROR' || code === 'ERR_HTTP2_SESSION_ERROR';
      const says = isProtocol
        ? 'The other side broke the HTTP/2 exchange off, or does not speak HTTP/2.'
        : 'The connection was reset before an answer came.';
      finish(
        () =>
          new ProbeTrouble(isProtocol ? 'malformed' : 'reset', 'answer', says, {
            code,
            remote,
            hint: isProtocol ? 'Ask with --http1.1.' : null,
          }),
      );
    }
    function onDeadline(): void {
      finish(
        () =>
          new ProbeTrouble('timeout', 'answer', 'The server took the request but did not answer in time.', {
            remote,
            hint: '--max-time waits longer.',
          }),
      );
    }
    const onClosed = (): void =>
      finish(() => new ProbeTrouble('closed', 'answer', 'The server closed the connection without an answer.', { remote }));
    session.on('error', onError);
    session.once('close', onClosed);
    deadline.addEventListener('abort', onDeadline);
    if (deadline.aborted) {
      onDeadline();
      return;
    }
    try {
      const stream = session.request(requestFields(question), { endStream: body === null });
      stream.on('error', onError);
      stream.on('response', (fields) => {
        answer = { status: Number(fields[constants.HTTP2_HEADER_STATUS] ?? 0), headers: answerFields(fields) };
      });
      stream.on('data', (piece: Buffer) => {
        kept.push(piece);
        length += piece.length;
        if (length >= KEPT_BODY) onClosed();
      });
      stream.once('close', onClosed);
      if (body !== null) stream.end(body);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : null;
      finish(
        () =>
          new ProbeTrouble('impossible', 'answer', 'The request can not be sent with HTTP/2: one of its fields is not allowed there.', {
            code,
            hint: 'Ask with --http1.1.',
          }),
      );
    }
  });
}
