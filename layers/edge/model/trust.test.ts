import { expect, test } from 'vitest';
import { carriesMany } from './carried.ts';
import { isEverywhere, neighborOf, trustOf } from './trust.ts';
import type { Trusted } from './client-addresses.ts';

const list = (...networks: string[]): Trusted[] =>
  networks.map((network) => ({ network, rule: { kind: 'config', says: network, audience: 'operator' } }));

test.each([
  [['10.0.0.0/8'], '10.1.2.3', '10.0.0.0/8'],
  [['10.0.0.0/8'], '::ffff:10.1.2.3', '10.0.0.0/8'],
  [['192.0.2.1', '2001:db8::/32'], '2001:db8::9', '2001:db8::/32'],
  [['unix:'], 'unix:', 'unix:'],
  [['10.0.0.0/8'], '192.0.2.1', null],
  [['balancer.example', '10.0.0.0/8'], '10.0.0.1', '10.0.0.0/8'],
  [['balancer.example', '10.0.0.0/8'], '192.0.2.1', 'unknown'],
  [['unix:'], '127.0.0.1', null],
])('%j makes %s known by %s', (networks, address, expected) => {
  const by = trustOf(list(...networks), address);
  expect(by === null || by === 'unknown' ? by : by.network).toBe(expected);
});

test.each([
  [['10.0.0.4', '192.0.2.0/24'], '10.0.0.5', '10.0.0.4'],
  [['10.0.1.4'], '10.0.0.5', null],
  [['10.0.0.0/8'], '10.0.0.5', null],
  [['2001:db8::1:2:3:4'], '2001:db8::9', '2001:db8::1:2:3:4'],
  [['2001:db8:0:1::1'], '2001:db8::9', null],
  [['balancer.example'], '10.0.0.5', null],
  [['unix:'], 'unix:', null],
])('beside %j, %s has the neighbor %s', (networks, address, expected) => {
  expect(neighborOf(list(...networks), address)?.network ?? null).toBe(expected);
});

test('everywhere is a whole family', () => {
  expect(['0.0.0.0/0', '::/0', '10.0.0.0/8', 'all', 'name.example'].map(isEverywhere)).toEqual([true, true, false, false, false]);
});

const requests = (peer: string, ...forwarded: (string | null)[]) => forwarded.map((one) => ({ peer, forwarded: one }));

test('three different clients are many, by the address that the peer itself added', () => {
  expect(carriesMany(requests('a', '1', '2', '3'), 'a')).toBe(true);
  expect(carriesMany(requests('a', 'x, 1', 'y, 1', 'z, 1'), 'a')).toBeNull();
  expect(carriesMany(requests('b', '1', '2', '3'), 'a')).toBeNull();
  expect(carriesMany(requests('a', '', '-', '1'), 'a')).toBeNull();
});

test('a log that does not record what was forwarded tells nothing, however long it is', () => {
  const silent: null[] = Array.from({ length: 50 }, () => null);
  expect(carriesMany(requests('a', ...silent), 'a')).toBeNull();
  expect(carriesMany(requests('a', ...silent.map(() => '1')), 'a')).toBe(false);
});
