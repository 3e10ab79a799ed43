import { parseAddress } from '@why403/terms/address';
import { isLocalV4, isLocalV6 } from '../model/process-text.ts';
import { type Proc, valueOf } from './proc.ts';

/** One process for each network namespace other than our own that could be seen. */
export function otherNetworks(proc: Proc, pids: readonly number[]): readonly number[] {
  const own = valueOf(proc.link('self', 'ns/net'));
  const representatives = new Map<string, number>();
  for (const pid of pids) {
    const namespace = valueOf(proc.link(pid, 'ns/net'));
    if (namespace !== null && namespace !== own && !representatives.has(namespace)) representatives.set(namespace, pid);
  }
  return [...representatives.values()];
}

/** Processes that live in the same network namespace as `pid`. */
export function neighborsOf(proc: Proc, pids: readonly number[], pid: number): readonly number[] {
  const namespace = valueOf(proc.link(pid, 'ns/net'));
  return pids.filter((other) => valueOf(proc.link(other, 'ns/net')) === namespace);
}

/** Whether the network namespace of `pid` has `address` for its own, such as a container's. */
export function hasAddress(proc: Proc, pid: number, address: string): boolean {
  const parsed = parseAddress(address.replace(/%.*$/, ''));
  if (parsed === null || parsed.family === 'unix') return false;
  if (parsed.family === 'v4') return isLocalV4(proc.text(`${pid}/net/fib_trie`) ?? '', address);
  return isLocalV6(proc.text(`${pid}/net/if_inet6`) ?? '', parsed.bytes);
}
