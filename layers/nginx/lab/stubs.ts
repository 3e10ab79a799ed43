/** What is behind `proxy_pass` and its like in a lab: servers on Unix sockets that answer one status, whatever they are asked. */
import { chmodSync } from 'node:fs';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';

export const PROTOCOLS = ['http', 'fastcgi', 'scgi', 'uwsgi', 'memcached', 'grpc'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

const BODY = 'behind';

/** Listens at `path` until it is stopped. */
export async function startStub(protocol: Protocol, path: string, status: number): Promise<{ stop(): Promise<void> }> {
  const server = protocol === 'grpc' ? http2Server(status) : createServer((socket) => answerOnce(socket, protocol, status));
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket)).on('error', () => socket.destroy());
  });
  await listen(server, path);
  // The worker isn't who made the socket, and connecting needs the right to write.
  chmodSync(path, 0o666);
  return {
    stop: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
      return promise;
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(path, resolve);
  return promise;
}

/** The status doesn't depend on the request, so the first bytes of one are enough. */
function answerOnce(socket: Socket, protocol: Exclude<Protocol, 'grpc'>, status: number): void {
  socket.once('data', (bytes) => {
    const body = status === 204 ? '' : BODY;
    switch (protocol) {
      case 'http':
        socket.end(
          `HTTP/1.0 ${status} Behind\r\nContent-Type: text/plain\r\n${status === 302 ? 'Location: http://example.org/behind\r\n' : ''}\r\n${body}`,
        );
        break;
      case 'memcached': {
        const key = /^get (\S+)/.exec(bytes.toString('latin1'))?.[1] ?? '';
        const reply = status === 200 ? `VALUE ${key} 0 ${BODY.length}\r\n${BODY}\r\nEND\r\n` : status === 404 ? 'END\r\n' : 'ERROR\r\n';
        socket.write(reply, 'latin1');
        break;
      }
      default: {
        const reply = Buffer.from(`Status: ${status} Behind\r\nContent-Type: text/plain\r\n\r\n${body}`, 'latin1');
        socket.end(protocol === 'fastcgi' ? framed(reply, bytes.readUInt16BE(2)) : reply);
      }
    }
  });
}

/** HTTP/2 without TLS, as grpc_pass speaks it. */
function http2Server(status: number): Server {
  const server = createHttp2Server();
  server.on('stream', (stream) => {
    stream.on('error', () => stream.close());
    stream.respond({ ':status': status, 'content-type': 'text/plain' }, { endStream: status === 204 });
    if (status !== 204) stream.end(BODY);
  });
  server.on('sessionError', () => {});
  return server;
}

/** FastCGI specification §3.3, §5.3, §5.5: the reply as STDOUT, the end of STDOUT, END_REQUEST. */
function framed(reply: Buffer, request: number): Buffer {
  const record = (type: number, content: Buffer): Buffer => {
    const header = Buffer.from([1, type, 0, 0, 0, 0, 0, 0]);
    header.writeUInt16BE(request, 2);
    header.writeUInt16BE(content.length, 4);
    return Buffer.concat([header, content]);
  };
  const STDOUT = 6;
  const END_REQUEST = 3;
  return Buffer.concat([record(STDOUT, reply), record(STDOUT, Buffer.alloc(0)), record(END_REQUEST, Buffer.alloc(8))]);
}
