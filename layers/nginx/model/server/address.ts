import { parseAddress, unmapped } from '@why403/terms/address';
import type { Group } from './compile.ts';
import { bytesKey } from './listen.ts';

/**
 * The group that a connection to this local address reaches: the exact address, else the wildcard of its
 * family, else an IPv6 wildcard that takes IPv4 too. Null: nothing listens there.
 */
export function chooseGroup(groups: readonly Group[], local: { readonly address: string; readonly port: number }): Group | null {
  const parsed = local.address.startsWith('unix:') || local.address.startsWith('/') ? null : parseAddress(local.address);
  if (parsed === null || parsed.family === 'unix') {
    const path = local.address.replace(/^unix:/, '');
    return groups.find(({ listen }) => listen.family === 'unix' && listen.address === path) ?? null;
  }
  const address = unmapped(parsed);
  const onPort = groups.filter(({ listen }) => listen.port === local.port && listen.family !== 'unix');
  const key = bytesKey(address.bytes);
  return (
    onPort.find(({ listen }) => listen.family === address.family && listen.address === key) ??
    onPort.find(({ listen }) => listen.family === address.family && listen.address === '*') ??
    (address.family === 'v4'
      ? onPort.find(({ listen }) => listen.family === 'v6' && listen.address === '*' && listen.isDualStack)
      : undefined) ??
    null
  );
}
