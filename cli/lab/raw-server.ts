import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

export interface RawServer extends AsyncDisposable {
  readonly port: number;
}

/** A server of no known kind on a free loopback port, for whatever `server` does with its connections. */
export async function serve(server: Server): Promise<RawServer> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => undefined).once('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address and a port');
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A server that does this once a request's head has come. */
export function serveRaw(answer: (socket: Socket) => void): Promise<RawServer> {
  return serve(createServer((socket) => socket.on('error', () => undefined).once('data', () => answer(socket))));
}

/** An HTTP/1.1 answer with exactly these bytes (latin1) in it. */
export function answerWith(fields: string, body: string, status = '403 Forbidden'): (socket: Socket) => void {
  return (socket) =>
    void socket.end(
      Buffer.from(`HTTP/1.1 ${status}\r\n${fields}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`, 'latin1'),
    );
}
