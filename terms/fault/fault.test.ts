import { expect, test } from 'vitest';
import { exitOf, FAULTS, Fault, isFault, printFaultPlace } from './index.ts';

test('a fault keeps code, message, hint, place and cause', () => {
  const cause = new Error('below');
  const fault = new Fault('url/port', 'Port 99999 does not exist.', {
    hint: 'Use 1 to 65535.',
    where: { in: 'the URL', column: 18 },
    cause,
  });
  expect(fault).toMatchObject({ code: 'url/port', hint: 'Use 1 to 65535.', where: { in: 'the URL', column: 18 }, cause });
  expect(exitOf(fault)).toBe(2);
  expect(isFault(fault)).toBe(true);
});

test('an error of Node with its own code is not a fault', () => {
  expect(isFault(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBe(false);
  expect(isFault('url/port')).toBe(false);
});

test('a place prints what is known of it', () => {
  expect(printFaultPlace({ in: '/etc/a.conf', line: 3, column: 9 })).toBe('/etc/a.conf:3:9');
  expect(printFaultPlace({ in: '--header' })).toBe('--header');
});

test('every code says what it means', () => {
  for (const [code, kind] of Object.entries(FAULTS)) expect([code, kind.means]).toEqual([code, expect.stringMatching(/^[A-Z].*\.$/)]);
});
