import { createServer } from 'node:net';

/** A port of a loopback address that is free now; null when the machine has no such address. Somebody may take it any moment. */
export async function freePort(host: '127.0.0.1' | '::1'): Promise<number | null> {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  const server = createServer();
  server.once('error', () => resolve(null));
  server.listen(0, host, () => {
    const address = server.address();
    server.close(() => resolve(address === null || typeof address === 'string' ? null : address.port));
  });
  return promise;
}
