import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forwardedAddresses } from './forwarding.ts';

const told = (...headers: (readonly [string, string])[]) =>
  forwardedAddresses(headers).map(({ header, address }) => `${header} ${address}`);

test('a list is read from the right, over all of its fields', () => {
  expect(told(['x-forwarded-for', '203.0.113.9, 10.0.0.1'], ['X-FORWARDED-FOR', '10.0.0.2'])).toEqual([
    'X-Forwarded-For 10.0.0.2',
    'X-Forwarded-For 10.0.0.1',
    'X-Forwarded-For 203.0.113.9',
  ]);
});

test.each([
  ['X-Forwarded-For', '203.0.113.9:4711', '203.0.113.9'],
  ['X-Forwarded-For', '[2001:db8::1]:443', '2001:db8::1'],
  ['X-Forwarded-For', '::ffff:203.0.113.9', '203.0.113.9'],
  ['X-Real-IP', ' 203.0.113.9 ', '203.0.113.9'],
  ['Forwarded', 'for=192.0.2.60;proto=http;by=203.0.113.43', '192.0.2.60'],
  ['Forwarded', 'proto=https; For="[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
  ['CF-Connecting-IP', '203.0.113.9', '203.0.113.9'],
])('%s: %s names %s', (header, value, address) => {
  expect(told([header, value])).toEqual([`${header} ${address}`]);
});

test.each([
  ['Forwarded', 'for=unknown, for=_hidden'],
  ['X-Forwarded-For', 'unix:, unknown,, -'],
  ['X-Real-IP', '203.0.113.9, 10.0.0.1'],
  ['Host', '203.0.113.9'],
])('%s: %s names nobody', (header, value) => {
  expect(told([header, value])).toEqual([]);
});

test('nothing that a client sends is too much', () => {
  fc.assert(
    fc.property(
      fc.string(),
      (value) =>
        forwardedAddresses([
          ['X-Forwarded-For', value],
          ['Forwarded', value],
        ]).length >= 0,
    ),
  );
});
