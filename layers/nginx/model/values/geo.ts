import { type Address, contains, type Network, parseAddress, parseNetwork, unmapped } from '@why403/terms/address';
import type { Provenance } from '../trace.ts';
import type { Directive } from '../syntax/ast.ts';
import { toBytes } from './bytes.ts';
import type { Reading, Variable } from './define.ts';
import { valueOf } from './expand.ts';
import { forwarded } from './forwarded.ts';
import { clientAddress, forwardedFor, fromRequest } from './header-variables.ts';
import { describe } from './map.ts';
import { missing, type State, type Text } from './state.ts';

interface Entry {
  readonly value: string;
  readonly directive: Directive;
}

interface Range extends Entry {
  readonly first: number;
  readonly last: number;
}

interface GeoTable {
  /** In CIDR form: by family and prefix length, longest first; keys are masked addresses. */
  readonly networks: readonly { readonly family: 'v4' | 'v6'; readonly prefix: number; readonly entries: ReadonlyMap<string, Entry> }[];
  /** With `ranges`: in order, the last that holds the address decides. */
  readonly ranges: readonly Range[] | null;
  readonly fallback: Entry | null;
  readonly proxies: readonly Network[];
  readonly isRecursive: boolean;
  /** Something nginx would refuse or warn about, which the model does not follow. */
  readonly problem: string | null;
}

/** 255.255.255.255: what nginx looks up for what is no IPv4 address. */
const NOWHERE: Address = { family: 'v4', bytes: [255, 255, 255, 255] };

/** `geo [$source] $variable { … }` (ngx_http_geo_module). The source is the client after realip. */
export function geoVariable(directive: Directive, name: string, reading: Reading): Variable {
  const table = tableOf(directive, reading);
  const sourceName = directive.args.length > 1 ? (directive.args[0] ?? '').slice(1).toLowerCase() : null;
  const evaluate = (state: State): Text => {
    const gap = reading.gapIn(directive) ?? table.problem;
    if (gap !== null) return missing(gap);
    // Without a source the address itself is read, not `$remote_addr`, which may have been kept from before realip.
    const source = sourceName === null ? clientAddress(state) : valueOf(sourceName, state);
    if (!source.known) return source;
    const { address, provenance } = throughProxies(table, source.value, source.provenance, state);
    const entry = table.ranges === null ? findNetwork(table, address) : findRange(table.ranges, address);
    const found = entry ?? table.fallback;
    const value = found?.value ?? '';
    return { known: true, value, provenance: describe(name, value, directive, found?.directive ?? null, provenance, []) };
  };
  return { name, isCacheable: true, evaluate };
}

function throughProxies(
  table: GeoTable,
  text: string,
  from: readonly Provenance[],
  state: State,
): { address: Address; provenance: readonly Provenance[] } {
  const parsed = parseAddress(text);
  if (parsed === null) return { address: NOWHERE, provenance: from };
  const fields = table.proxies.length > 0 ? forwardedFor(state.request.headers) : [];
  if (fields.length === 0) return { address: parsed, provenance: from };
  const isTrusted = (address: Address): boolean => table.proxies.some((network) => contains(network, unmapped(address)));
  const hops = forwarded(parsed, fields, isTrusted, table.isRecursive);
  const list = fromRequest('http_x_forwarded_for', fields.join(', '));
  return { address: hops.at(-1)?.address ?? parsed, provenance: hops.length > 0 && list.known ? [...from, ...list.provenance] : from };
}

function keyOf(bytes: readonly number[], prefix: number): string {
  const whole = prefix >> 3;
  const key = bytes.slice(0, whole).join('.');
  const rest = prefix & 7;
  return rest === 0 ? key : `${key}/${(bytes[whole] ?? 0) & (0xff00 >> rest) & 0xff}`;
}

/** The longest network that holds the address, as a radix tree finds it. */
function findNetwork(table: GeoTable, address: Address): Entry | undefined {
  const plain = address.family === 'unix' ? NOWHERE : unmapped(address);
  for (const { family, prefix, entries } of table.networks) {
    const found = family === plain.family ? entries.get(keyOf(plain.bytes, prefix)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Ranges know IPv4 only; anything else is looked up as nowhere. */
function findRange(ranges: readonly Range[], address: Address): Entry | undefined {
  const plain = unmapped(address);
  const number = numberOf(plain.family === 'v4' ? plain : NOWHERE);
  return ranges.findLast((range) => range.first <= number && number <= range.last);
}

function numberOf(address: Address): number {
  return address.bytes.reduce<number>((sum, byte) => sum * 256 + byte, 0);
}

function tableOf(directive: Directive, reading: Reading): GeoTable {
  const lines = directive.block ?? [];
  const isFlag = (name: string): boolean => lines.some((line) => line.name === name && line.args.length === 0);
  const ranges: Range[] | null = isFlag('ranges') ? [] : null;
  const networks = new Map<string, { family: 'v4' | 'v6'; prefix: number; entries: Map<string, Entry> }>();
  const proxies: Network[] = [];
  let fallback: Entry | null = null;
  let problem: string | null = null;
  for (const line of lines) {
    const [value] = line.args;
    if (line.args.length !== 1 || value === undefined) continue;
    const key = line.words[0]?.value ?? line.name;
    const entry: Entry = { value: toBytes(value, reading.encodingOf(line)), directive: line };
    const isDelete = key === 'delete';
    if (key === 'default') {
      fallback = entry;
      // ngx_http_geo_cidr: among networks it is 0.0.0.0/0 and ::/0, and the last of those written counts.
      for (const all of ranges === null ? ['0.0.0.0/0', '::/0'] : []) takeNetwork(networks, all, false, entry);
    } else if (key === 'proxy') {
      const network = parseNetwork(value);
      if (network !== null) proxies.push(network);
    } else if (ranges !== null) problem ??= takeRange(ranges, isDelete ? value : key, isDelete, entry);
    else problem ??= takeNetwork(networks, isDelete ? value : key, isDelete, entry);
  }
  const sorted = [...networks.values()].sort((left, right) => right.prefix - left.prefix);
  return { networks: sorted, ranges, fallback, proxies, isRecursive: isFlag('proxy_recursive'), problem };
}

type Networks = Map<string, { family: 'v4' | 'v6'; prefix: number; entries: Map<string, Entry> }>;

/** A later entry for the same network replaces the earlier one. Gives what is wrong, or null. */
function takeNetwork(networks: Networks, text: string, isDelete: boolean, entry: Entry): string | null {
  const network: Network | null =
    text === '255.255.255.255' ? { family: 'v4', bytes: NOWHERE.bytes, prefix: 32, hadLowBits: false } : parseNetwork(text);
  if (network === null) return `the network ${text} in a geo block: nginx refuses to start with it`;
  const slot = `${network.family}/${network.prefix}`;
  const level = networks.get(slot) ?? { family: network.family, prefix: network.prefix, entries: new Map<string, Entry>() };
  networks.set(slot, level);
  const key = keyOf(network.bytes, network.prefix);
  if (isDelete) level.entries.delete(key);
  else level.entries.set(key, entry);
  return null;
}

function takeRange(ranges: Range[], text: string, isDelete: boolean, entry: Entry): string | null {
  const dash = text.indexOf('-');
  const first = dash < 0 ? null : parseAddress(text.slice(0, dash));
  const last = dash < 0 ? null : parseAddress(text.slice(dash + 1));
  if (first?.family !== 'v4' || last?.family !== 'v4' || numberOf(first) > numberOf(last)) {
    return `the range ${text} in a geo block: nginx refuses to start with it`;
  }
  const range: Range = { ...entry, first: numberOf(first), last: numberOf(last) };
  if (!isDelete) {
    ranges.push(range);
    return null;
  }
  const at = ranges.findLastIndex((one) => one.first === range.first && one.last === range.last);
  const others = ranges.filter((one, index) => index !== at && one.last >= range.first && one.first <= range.last);
  // nginx cuts ranges at /16 borders and deletes such pieces; only a whole range's deletion is followed here.
  if (at < 0 || others.length > 0) return others.length > 0 || at >= 0 ? `what is left of a geo range after deleting ${text}` : null;
  ranges.splice(at, 1);
  return null;
}
