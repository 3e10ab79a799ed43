import { contains, parseAddress, parseNetwork, printAddress, unmapped } from '@why403/terms/address';
import type { Trusted } from './client-addresses.ts';

/** Who of the trusted an address belongs to; `unknown` when a host name among them might stand for it. */
export function trustOf<T extends { readonly network: string }>(trusted: readonly T[], text: string): T | 'unknown' | null {
  const parsed = parseAddress(text);
  if (parsed === null) return null;
  const address = unmapped(parsed);
  let named: 'unknown' | null = null;
  for (const one of trusted) {
    if (one.network.startsWith('unix:')) {
      if (address.family === 'unix') return one;
      continue;
    }
    const network = parseNetwork(one.network);
    if (network === null) named = 'unknown';
    else if (contains(network, address)) return one;
  }
  return named;
}

/** A network that holds every address of its family: to trust it is to trust whoever connects. */
export function isEverywhere(network: string): boolean {
  return parseNetwork(network)?.prefix === 0;
}

/** How many bits the addresses of one rack or one subnet usually share. */
const SHARED = { v4: 24, v6: 64 } as const;

/** One of the trusted that lies right beside an address: where one proxy of a row is trusted and the next was forgotten. */
export function neighborOf(trusted: readonly Trusted[], text: string): Trusted | null {
  const parsed = parseAddress(text);
  const address = parsed === null ? null : unmapped(parsed);
  if (address === null || address.family === 'unix') return null;
  const subnet = parseNetwork(`${printAddress(address)}/${SHARED[address.family]}`);
  const isInside = ({ network: written }: Trusted): boolean => {
    const network = parseNetwork(written);
    return subnet !== null && network !== null && network.prefix >= subnet.prefix && contains(subnet, network);
  };
  return trusted.find(isInside) ?? null;
}
