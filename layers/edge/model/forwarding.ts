import { parseAddress, parseAddressPort, printAddress, unmapped } from '@why403/terms/address';
import type { Headers } from '@why403/terms/request';

/** An address that a header names as a client's or a proxy's. Anyone can send such a header. */
export interface ForwardedAddress {
  /** The header's usual spelling. */
  readonly header: string;
  readonly address: string;
}

/**
 * Headers in which proxies hand on whom they speak for, the most usual first. Lists grow to the right: each
 * proxy appends whom it saw.
 */
const LISTS: ReadonlyMap<string, string> = new Map([
  ['x-forwarded-for', 'X-Forwarded-For'],
  ['forwarded', 'Forwarded'],
]);
const SINGLES: ReadonlyMap<string, string> = new Map([
  ['x-real-ip', 'X-Real-IP'],
  ['cf-connecting-ip', 'CF-Connecting-IP'],
  ['cf-connecting-ipv6', 'CF-Connecting-IPv6'],
  ['true-client-ip', 'True-Client-IP'],
  ['fastly-client-ip', 'Fastly-Client-IP'],
  ['fly-client-ip', 'Fly-Client-IP'],
  ['x-client-ip', 'X-Client-IP'],
  ['x-cluster-client-ip', 'X-Cluster-Client-IP'],
  ['x-azure-clientip', 'X-Azure-ClientIP'],
  ['x-appengine-user-ip', 'X-AppEngine-User-IP'],
]);

/** Every address that forwarding headers of a request name; within a header from right to left, nearest the server first. */
export function forwardedAddresses(headers: Headers): readonly ForwardedAddress[] {
  return [...LISTS, ...SINGLES].flatMap(([key, header]) => {
    const values = headers.filter(([name]) => name.toLowerCase() === key).map(([, value]) => value);
    const texts = LISTS.has(key) ? values.flatMap((value) => value.split(',')) : values;
    return texts.toReversed().flatMap((text) => {
      const address = key === 'forwarded' ? forwardedFor(text) : addressIn(text.trim());
      return address === null ? [] : [{ header, address }];
    });
  });
}

/** RFC 7239 §4, §6: `for=` of one element, quoted when it has a port or is IPv6; `unknown` and `_names` are no addresses. */
function forwardedFor(element: string): string | null {
  const [, quoted, token] = /(?:^|;)\s*for\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(element) ?? [];
  return addressIn(quoted ?? token ?? '');
}

function addressIn(text: string): string | null {
  const bracketed = /^\[([^\]]+)\]$/.exec(text)?.[1];
  const address = parseAddress(bracketed ?? text) ?? parseAddressPort(text)?.address ?? null;
  return address === null || address.family === 'unix' ? null : printAddress(unmapped(address));
}
