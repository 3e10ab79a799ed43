import type { Socket } from 'node:net';
import { ProbeTrouble, sayHandshake, sayMalformed } from '../model/failure.ts';
import { createResponseReader, type Head } from '../model/response-reader.ts';

/** What came back, its body still encoded. */
export interface Answer {
  readonly head: Head;
  readonly body: Uint8Array;
}

/**
 * Writes a request and reads one answer over a connection. Once the answer's head is known, whatever ends
 * the exchange (a reset, the deadline, a broken body) leaves the answer as far as it came.
 */
export function exchangeHttp1(socket: Socket, request: readonly Uint8Array[], method: string, deadline: AbortSignal): Promise<Answer> {
  const reader = createResponseReader(method);
  const remote = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
  return new Promise((resolve, reject) => {
    let isOver = false;
    function finish(trouble: () => ProbeTrouble): void {
      if (isOver) return;
      isOver = true;
      deadline.removeEventListener('abort', onDeadline);
      socket.off('data', onData);
      const head = reader.head();
      if (head === null) reject(trouble());
      else resolve({ head, body: reader.body() });
    }
    function onData(bytes: Buffer): void {
      const reading = reader.push(bytes);
      if (reading.state === 'done') finish(() => new ProbeTrouble('closed', 'answer', ''));
      else if (reading.state === 'malformed')
        finish(
          () => new ProbeTrouble('malformed', 'answer', sayMalformed(reading.what), { code: reading.what, remote, hint: hintFor(bytes) }),
        );
    }
    function onEnd(): void {
      const reading = reader.end();
      if (reading.state === 'malformed') {
        finish(() => new ProbeTrouble('malformed', 'answer', sayMalformed(reading.what), { code: reading.what, remote }));
        return;
      }
      finish(
        () =>
          new ProbeTrouble('closed', 'answer', 'The server took the request and closed the connection without an answer.', {
            remote,
            hint: 'Some servers refuse that way on purpose (nginx: `return 444`), and a crashing worker does it too.',
          }),
      );
    }
    function onError(error: NodeJS.ErrnoException): void {
      const code = error.code ?? 'unknown reason';
      if (code.startsWith('ERR_SSL')) {
        const { says, hint } = sayHandshake(code);
        finish(() => new ProbeTrouble('tls', 'tls', says, { code, hint, remote }));
      } else {
        finish(
          () =>
            new ProbeTrouble('reset', 'answer', 'The connection was reset before an answer came.', {
              code,
              remote,
              hint: 'A firewall, an intrusion filter or a crashing server does that.',
            }),
        );
      }
    }
    function onDeadline(): void {
      finish(
        () =>
          new ProbeTrouble('timeout', 'answer', 'The server took the request but did not answer in time.', {
            remote,
            hint: '--max-time waits longer. Its error log may say what it waits for.',
          }),
      );
    }
    socket.on('data', onData);
    socket.once('end', onEnd);
    socket.once('close', onEnd);
    // stays: what is written or torn down after the end may still raise one
    socket.on('error', onError);
    deadline.addEventListener('abort', onDeadline);
    if (deadline.aborted) onDeadline();
    else if (socket.destroyed) onError({ name: 'Error', message: '', code: 'ECONNRESET' });
    else for (const piece of request) socket.write(piece);
  });
}

/** Bytes of a TLS record (RFC 8446 §5.1) where HTTP should be. */
function hintFor(bytes: Uint8Array): string | null {
  const isTls = (bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 0x03;
  return isTls ? 'It looks like TLS: ask with https://.' : null;
}
