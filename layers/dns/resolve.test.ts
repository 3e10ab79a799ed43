import { expect, test } from 'vitest';
import { dnsReport, isOwnAddress, type ResolveWishes, resolveHost } from './index.ts';

const interfaces = () => [{ address: '10.0.0.5' }, { address: 'fe80::1%eth0' }, { address: '2001:db8::5' }];
function answering(...addresses: readonly string[]): ResolveWishes {
  return {
    interfaces,
    lookup: (_, family) =>
      Promise.resolve(
        addresses
          .map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
          .filter((one) => family === 0 || one.family === family),
      ),
  };
}
function failing(code: string): ResolveWishes {
  return { interfaces, lookup: () => Promise.reject(Object.assign(new Error(code), { code })) };
}
const addressesOf = (resolution: Awaited<ReturnType<typeof resolveHost>>) =>
  resolution.state === 'resolved' ? resolution.addresses.map((one) => one.address) : resolution.kind;

test("the system's order is kept, and each address is there once", async () => {
  const resolution = await resolveHost('h', 80, answering('2001:db8::9', '192.0.2.1', '2001:db8::9'));
  expect(resolution).toMatchObject({ state: 'resolved', source: 'system', isHere: false, isMixed: false });
  expect(addressesOf(resolution)).toEqual(['2001:db8::9', '192.0.2.1']);
  expect(dnsReport(resolution)).toEqual({ layer: 'dns', verdict: 'passed' });
});

test('an address needs no look-up, and an override comes before everything', async () => {
  const literal = await resolveHost('10.0.0.5', 80, failing('ENOTFOUND'));
  expect(literal).toMatchObject({ source: 'literal', isHere: true });
  expect(dnsReport(literal).verdict).toBe('not-present');
  const overrides = [
    { hostname: '*', port: 80, addresses: ['192.0.2.7'] },
    { hostname: 'h', port: 80, addresses: ['::1', '127.0.0.1'] },
  ];
  expect(addressesOf(await resolveHost('H', 80, { ...failing('ENOTFOUND'), overrides }))).toEqual(['::1', '127.0.0.1']);
  expect(addressesOf(await resolveHost('other', 80, { ...failing('ENOTFOUND'), overrides }))).toEqual(['192.0.2.7']);
  expect(addressesOf(await resolveHost('h', 81, { ...failing('ENOTFOUND'), overrides }))).toBe('no-name');
});

test('a family can be asked for', async () => {
  expect(addressesOf(await resolveHost('h', 80, { ...answering('::1', '127.0.0.1'), family: 4 }))).toEqual(['127.0.0.1']);
  expect(addressesOf(await resolveHost('h', 80, { ...answering('127.0.0.1'), family: 6 }))).toBe('no-address');
  expect(addressesOf(await resolveHost('127.0.0.1', 80, { ...answering(), family: 6 }))).toBe('no-address');
});

test('names below localhost are this machine even where the resolver does not know them', async () => {
  const resolution = await resolveHost('app.localhost', 80, failing('ENOTFOUND'));
  expect(resolution).toMatchObject({ source: 'localhost', isHere: true });
  expect(addressesOf(await resolveHost('nolocalhost', 80, failing('ENOTFOUND')))).toBe('no-name');
});

test('a name that leads here and elsewhere is told as such', async () => {
  expect(await resolveHost('h', 80, answering('192.0.2.1', '10.0.0.5'))).toMatchObject({ isHere: false, isMixed: true });
});

test.each([
  ['ENOTFOUND', 'no-name', 'refused'],
  ['EAI_AGAIN', 'temporary', 'undetermined'],
  ['ESOMETHING', 'invalid', 'refused'],
])('%s is %s', async (code, kind, verdict) => {
  const resolution = await resolveHost('h', 80, failing(code));
  expect(resolution).toMatchObject({ state: 'failed', kind, says: expect.stringMatching(/^The .*\.$/) });
  expect(dnsReport(resolution).verdict).toBe(verdict);
});

test('a resolver that hangs is not waited for', async () => {
  const never: ResolveWishes = { lookup: () => new Promise(() => {}), timeout: 20 };
  expect(await resolveHost('h', 80, never)).toMatchObject({ state: 'failed', kind: 'timeout' });
});

test('own addresses: loopback, unspecified, interfaces, also mapped and with a zone', () => {
  for (const address of [
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '0.0.0.0',
    '::',
    '::ffff:127.0.0.1',
    '10.0.0.5',
    '::ffff:10.0.0.5',
    'fe80::1%eth0',
    '2001:db8:0::5',
  ]) {
    expect([address, isOwnAddress(address, interfaces())]).toEqual([address, true]);
  }
  for (const address of ['10.0.0.6', '192.0.2.1', '2001:db8::6', 'name'])
    expect([address, isOwnAddress(address, interfaces())]).toEqual([address, false]);
});
