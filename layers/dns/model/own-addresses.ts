import { contains, parseAddress, parseNetwork, printAddress, unmapped } from '@why403/terms/address';

/** One of this machine's network interfaces, as os.networkInterfaces() tells it. */
export interface InterfaceAddress {
  readonly address: string;
}

/** RFC 1122 §3.2.1.3 and RFC 4291 §2.5.3; the unspecified address connects to this machine too on Linux. */
const OWN = ['127.0.0.0/8', '::1/128', '0.0.0.0/32', '::/128'].flatMap((text) => parseNetwork(text) ?? []);

/** Whether an address leads back to this machine: loopback, or one of its interfaces'. */
export function isOwnAddress(address: string, interfaces: readonly InterfaceAddress[]): boolean {
  const parsed = parseAddress(address.replace(/%.*$/, ''));
  if (parsed === null || parsed.family === 'unix') return false;
  const plain = unmapped(parsed);
  if (OWN.some((network) => contains(network, plain))) return true;
  const text = printAddress(plain);
  return interfaces.some((one) => {
    const own = parseAddress(one.address.replace(/%.*$/, ''));
    return own !== null && printAddress(unmapped(own)) === text;
  });
}
