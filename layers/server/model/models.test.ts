import { expect, test } from 'vitest';
import { readForwarding } from './forwarder.ts';
import { isLocalV4, isLocalV6, parseCommandLine, parseEffectiveUid, parseStat } from './process-text.ts';
import { findSocketUnits } from './socket-unit.ts';
import { parseListening, socketsFor } from './socket-table.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const line = (local: string, state: string, inode: number, uid = 0) =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  ${uid}        0 ${inode} 1 0000000060bbc5cd 100 0 0 10 0\n`;
const TCP =
  HEAD +
  line('0100007F:1F90', '0A', 11) +
  line('00000000:1F90', '0A', 12, 33) +
  line('0100007F:1F91', '0A', 13) +
  line('0100007F:1F90', '01', 14);
const TCP6 =
  HEAD +
  line('00000000000000000000000000000000:1F90', '0A', 21) +
  line('00000000000000000000000001000000:1F90', '0A', 22) +
  line('0000000000000000FFFF00000100007F:1F92', '0A', 23);

test('addresses are read in the order of bytes of the machine, and only listening sockets of the port', () => {
  expect(parseListening(TCP, 8080, 'LE').map(({ address, inode, uid }) => [address, inode, uid])).toEqual([
    ['127.0.0.1', '11', 0],
    ['0.0.0.0', '12', 33],
  ]);
  expect(parseListening(TCP6, 8080, 'LE').map(({ address }) => address)).toEqual(['::', '::1']);
  expect(parseListening(HEAD + line('7F000001:1F90', '0A', 1), 8080, 'BE')[0]?.address).toBe('127.0.0.1');
});

test('the very address is reached before the wildcard, and IPv4 before :: for IPv4', () => {
  const both = [...parseListening(TCP, 8080, 'LE'), ...parseListening(TCP6, 8080, 'LE')];
  const inodes = (address: string, from: ReturnType<typeof parseListening> = both) => socketsFor(from, address).map(({ inode }) => inode);
  expect([inodes('127.0.0.1'), inodes('127.0.0.2'), inodes('::1'), inodes('2001:db8::1')]).toEqual([['11'], ['12'], ['22'], ['21']]);
  expect(
    inodes(
      '10.0.0.1',
      both.filter(({ inode }) => inode === '21'),
    ),
  ).toEqual(['21']);
  expect(inodes('::ffff:127.0.0.1')).toEqual(['11']);
  expect(inodes('127.0.0.1', parseListening(TCP6, 8082, 'LE'))).toEqual(['23']);
  expect(
    inodes(
      '::2',
      both.filter(({ family }) => family === 4),
    ),
  ).toEqual([]);
});

test('a process name may hold spaces and parentheses', () => {
  const rest = 'S 7 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 12345 0';
  expect(parseStat(`42 (a) b (c) ${rest}`)).toEqual({ parent: 7, name: 'a) b (c', startTicks: 12345 });
  expect(parseStat('')).toBeNull();
  expect(parseEffectiveUid('Name:\tx\nUid:\t0\t33\t0\t0\n')).toBe(33);
  expect(parseCommandLine('nginx: master process /usr/sbin/nginx -c a\0\0\0')).toEqual(['nginx: master process /usr/sbin/nginx -c a']);
  expect(parseCommandLine('/bin/x\0-a\0')).toEqual(['/bin/x', '-a']);
  expect(parseCommandLine('')).toEqual([]);
});

test('forwarders tell where they lead', () => {
  const words = (text: string) => readForwarding(text.split(' '));
  expect(words('/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80')).toEqual({
    kind: 'to',
    by: 'docker-proxy',
    address: '172.17.0.2',
    port: 80,
    isInside: true,
  });
  expect(words('/lib/systemd/systemd-socket-proxyd --exit-idle-time=5min 127.0.0.1:8081')).toMatchObject({
    address: '127.0.0.1',
    port: 8081,
    isInside: false,
  });
  expect(words('socat TCP-LISTEN:80,fork,reuseaddr TCP4:localhost:8080')).toMatchObject({ address: '127.0.0.1', port: 8080 });
  expect(words('socat TCP-LISTEN:80 TCP6:[::1]:8080,nodelay')).toMatchObject({ address: '::1', port: 8080 });
  expect([words('rootlessport'), words('ssh -L 80:x:80 h'), words('docker-proxy -proto tcp')].map((one) => one?.kind)).toEqual([
    'somewhere',
    'somewhere',
    'somewhere',
  ]);
  expect([words('nginx: master process nginx'), words('socat -'), readForwarding([])]).toEqual([null, null, null]);
});

test('socket units tell their service', () => {
  const units = new Map([
    ['web.socket', '[Socket]\nListenStream=0.0.0.0:80\n'],
    ['six.socket', '[Socket]\nListenStream = [::]:80\nService=other.service\n'],
    ['each.socket', '[Socket]\nListenStream=80\nAccept=yes\n'],
    ['no.socket', '[Socket]\nListenStream=8080\nListenDatagram=80\n'],
  ]);
  expect(findSocketUnits(units, 80)).toEqual([
    { name: 'web.socket', service: 'web.service', isPerConnection: false },
    { name: 'six.socket', service: 'other.service', isPerConnection: false },
    { name: 'each.socket', service: 'each@.service', isPerConnection: true },
  ]);
});

test("a namespace's own addresses are told from those it only knows the way to", () => {
  const trie =
    'Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 172.17.0.1\n        /32 link UNICAST\nLocal:\n        |-- 172.17.0.2\n           /32 host LOCAL\n';
  expect([isLocalV4(trie, '172.17.0.2'), isLocalV4(trie, '172.17.0.1'), isLocalV4(trie, '72.17.0.2')]).toEqual([true, false, false]);
  expect(isLocalV6('fd000000000000000000000000000002 02 40 00 80 eth0\n', [0xfd, ...Array.from({ length: 14 }, () => 0), 2])).toBe(true);
});
