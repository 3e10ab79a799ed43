/** What is behind `fastcgi_pass` and its like in a lab: servers on Unix sockets that answer one status, whatever they are asked. */
import { chmodSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

export const PROTOCOLS = ['fastcgi', 'scgi', 'uwsgi', 'memcached'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

const BODY = 'behind';

/** Listens at `path` until it is stopped. */
export async function startStub(protocol: Protocol, path: string, status: number): Promise<{ stop(): Promise<void> }> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    // The status doesn't depend on the request, so the first bytes of one are enough.
    socket.once('data', (bytes) => {
      if (protocol === 'memcached') {
        const key = /^get (\S+)/.exec(bytes.toString('latin1'))?.[1] ?? '';
        socket.write(status === 200 ? `VALUE ${key} 0 ${BODY.length}\r\n${BODY}\r\nEND\r\n` : status === 404 ? 'END\r\n' : 'ERROR\r\n');
        return;
      }
      const reply = Buffer.from(`Status: ${status} Behind\r\nContent-Type: text/plain\r\n\r\n${status === 204 ? '' : BODY}`, 'latin1');
      socket.end(protocol === 'fastcgi' ? framed(reply, bytes.readUInt16BE(2)) : reply);
    });
  });
  await listen(server, path);
  // The worker isn't who made the socket, and connecting needs the right to write.
  chmodSync(path, 0o666);
  return {
    stop: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      return promise;
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(path, resolve);
  return promise;
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
