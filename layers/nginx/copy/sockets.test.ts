import { describe, expect, test } from 'vitest';
import { parse } from '../model/syntax/index.ts';
import { chooseSocket, listeningsOf } from './sockets.ts';

function listenings(text: string, isMasterRoot = true) {
  const parsed = parse(text, '/n.conf');
  if ('error' in parsed) throw new Error(parsed.error.message);
  return parsed.ok.directives.flatMap((server) => listeningsOf(server, { isMasterRoot, localhost: ['127.0.0.1', '::1'] }));
}

const chosen = (text: string, address: string, port = 80): string | undefined => chooseSocket(listenings(text), { address, port })?.key;

describe('the socket that accepts a connection', () => {
  test.each([
    ['server { listen 80; }', '10.0.0.1', 'v4 * 80'],
    ['server { listen *:80; listen 10.0.0.1:80; }', '10.0.0.1', 'v4 10.0.0.1 80'],
    ['server { listen 10.0.0.1:80; } server { listen 80; }', '10.0.0.2', 'v4 * 80'],
    ['server { listen 0.0.0.0; }', '127.0.0.1', 'v4 * 80'],
    ['server { listen 10.0.0.1; }', '10.0.0.1', 'v4 10.0.0.1 80'],
    ['server { listen [::]:80; }', '::1', 'v6 * 80'],
    ['server { listen [::]:80; }', '10.0.0.1', undefined],
    ['server { listen [::]:80 ipv6only=off; }', '10.0.0.1', 'v6 * 80'],
    ['server { listen [::1]; listen localhost:80; }', '127.0.0.1', 'v4 127.0.0.1 80'],
    ['server { listen 8000-8003; listen 78-81 default_server; }', '10.0.0.1', 'v4 * 80'],
    ['server { listen 81; }', '10.0.0.1', undefined],
    ['server { listen unix:/run/n.sock; }', '10.0.0.1', undefined],
    ['server { listen 80 quic reuseport; }', '10.0.0.1', undefined],
    ['server { }', '10.0.0.1', 'v4 * 80'],
    ['server { listen 80; }', '::ffff:10.0.0.1', 'v4 * 80'],
  ])('of %s for %s is %s', (text, address, key) => {
    expect(chosen(text, address)).toBe(key);
  });

  test('without listen is 8000 when the master is not root', () => {
    expect(listenings('server { }', false)[0]?.sockets[0]?.port).toBe(8000);
  });

  test('keeps what chooses a server or protocol and drops what tunes the socket', () => {
    expect(
      listenings('server { listen 443 ssl http2 default_server backlog=99 reuseport so_keepalive=on proxy_protocol; }')[0],
    ).toMatchObject({
      flags: ['ssl', 'http2', 'default_server', 'proxy_protocol'],
      hasProxyProtocol: true,
    });
  });
});
