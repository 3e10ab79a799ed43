import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, parseAddress, parseAddressPort, parseNetwork, printAddress, printNetwork, unmapped } from './index.ts';

/** nginx does not take `1:2:3:4:5:6:7::`, which the standard has; ipaddr.js takes `::1.2.3.4` for `::ffff:1.2.3.4`. */
const v6 = fc.ipV6().filter((text) => !/^(?:[0-9a-f]+:){7}:$|^::[0-9.]+\./.test(text));
const v4 = fc.ipV4().filter((text) => text !== '255.255.255.255');

function bytesOf(text: string): readonly number[] | undefined {
  return parseAddress(text)?.bytes;
}

describe('addresses', () => {
  it('read what the standard forms mean', () => {
    fc.assert(
      fc.property(fc.oneof(v4, v6), (text) => {
        expect(bytesOf(text)).toEqual(ipaddr.parse(text).toByteArray());
      }),
    );
  });

  it('refuse whatever is no address at all', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-f:.]{0,20}$/), (text) => {
        if (isIPv6(text)) expect(parseAddress(text)?.family).toBe('v6');
        if (isIPv4(text) && text !== '255.255.255.255') expect(parseAddress(text)?.family).toBe('v4');
      }),
    );
    for (const text of ['', 'x', '1.2.3', '1.2.3.256', '1::2::3', ':::', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7::', '::1%lo']) {
      expect(parseAddress(text), text).toBeNull();
    }
  });

  it('take the broadcast address for none, as nginx does', () => {
    expect(parseAddress('255.255.255.255')).toBeNull();
    expect(parseNetwork('255.255.255.255')).toBeNull();
  });

  it('survive being printed', () => {
    fc.assert(
      fc.property(fc.oneof(v4, v6), (text) => {
        const address = parseAddress(text);
        expect(address).not.toBeNull();
        if (address !== null) expect(bytesOf(printAddress(address))).toEqual(address.bytes);
      }),
    );
    const printed = (text: string): string => printAddress(parseAddress(text) ?? { family: 'unix', bytes: [] });
    expect(printed('0:0:0:1:0:0:0:0')).toBe('0:0:0:1::');
    expect(printed('2001:DB8::1')).toBe('2001:db8::1');
    expect(printed('::ffff:1.2.3.4')).toBe('::ffff:1.2.3.4');
    expect(printed('::')).toBe('::');
    expect(bytesOf('::1.2.3.4')).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
    expect(bytesOf('64:ff9b::1.2.3.4')).toEqual([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
    expect(printed('unix:/run/x')).toBe('unix:');
  });

  it('come with a port in either form', () => {
    expect(parseAddressPort('1.2.3.4:81')).toEqual({ address: { family: 'v4', bytes: [1, 2, 3, 4] }, port: 81 });
    expect(parseAddressPort('[::1]:81')?.port).toBe(81);
    expect(parseAddressPort('::1')?.port).toBeNull();
    for (const text of ['1.2.3.4:0', '1.2.3.4:65536', '1.2.3.4:', '[::1]', '[::1]:x', 'host:80']) {
      expect(parseAddressPort(text), text).toBeNull();
    }
  });
});

describe('networks', () => {
  it('hold what the reference implementation says they hold', () => {
    fc.assert(
      fc.property(v4, fc.nat(32), v4, (base, prefix, other) => {
        const network = parseNetwork(`${base}/${prefix}`);
        const address = parseAddress(other);
        if (network === null || address === null) return;
        expect(contains(network, address)).toBe(ipaddr.IPv4.parse(other).match(ipaddr.IPv4.parse(base), prefix));
      }),
    );
    fc.assert(
      fc.property(v6, fc.nat(128), v6, (base, prefix, other) => {
        const network = parseNetwork(`${base}/${prefix}`);
        const address = parseAddress(other);
        if (network === null || address === null) return;
        expect(contains(network, address)).toBe(ipaddr.IPv6.parse(other).match(ipaddr.IPv6.parse(base), prefix));
      }),
    );
  });

  it('tell of bits behind the prefix and clear them', () => {
    expect(parseNetwork('10.1.2.3/8')).toMatchObject({ bytes: [10, 0, 0, 0], hadLowBits: true });
    expect(parseNetwork('10.0.0.0/8')?.hadLowBits).toBe(false);
    const network = parseNetwork('2001:db8::ff/32');
    expect(network && printNetwork(network)).toBe('2001:db8::/32');
  });

  it('refuse a prefix that is too long or no number', () => {
    for (const text of ['1.2.3.4/33', '::/129', '1.2.3.4/', '1.2.3.4/x', '1.2.3.4/-1', 'unix:'])
      expect(parseNetwork(text), text).toBeNull();
  });

  it('do not mix families unless the address is unmapped', () => {
    const network = parseNetwork('127.0.0.0/8');
    const mapped = parseAddress('::ffff:127.0.0.1');
    if (network === null || mapped === null) throw new Error('both are valid');
    expect(contains(network, mapped)).toBe(false);
    expect(contains(network, unmapped(mapped))).toBe(true);
  });
});
