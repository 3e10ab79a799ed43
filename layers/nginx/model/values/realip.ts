import { contains, type Address, parseAddress, parseNetwork, printAddress, unmapped } from '@why403/terms/address';
import type { ClientAddress } from '../trace.ts';
import type { Directive } from '../syntax/ast.ts';
import { lowerCase } from './bytes.ts';
import { forwarded, type Hop } from './forwarded.ts';
import { forwardedFor } from './header-variables.ts';
import { inherited, own } from './scope.ts';
import type { State } from './state.ts';

/** The realip settings in force somewhere, each the innermost that is written. */
export interface Realip {
  readonly from: readonly Directive[];
  readonly header: Directive | null;
  readonly recursive: Directive | null;
}

const fromAt = inherited<readonly Directive[]>((block) => {
  const lines = own(block, 'set_real_ip_from');
  return lines.length > 0 ? lines : null;
});
const headerAt = inherited<Directive>((block) => own(block, 'real_ip_header')[0] ?? null);
const recursiveAt = inherited<Directive>((block) => own(block, 'real_ip_recursive')[0] ?? null);

/** Settings in force for a server or location, or null when no address is trusted there. */
export function compileRealip(scope: Directive | null): Realip | null {
  const from = fromAt(scope);
  return from === null ? null : { from, header: headerAt(scope), recursive: recursiveAt(scope) };
}

export interface Resolved {
  readonly client: ClientAddress;
  /** What could not be told; the client's address is then not known either. */
  readonly missing: string | null;
  /** Whether the address was replaced: nginx then leaves it alone for the rest of the request. */
  readonly isReplaced: boolean;
}

/** Which of the trusted networks holds an address; `unknown` when a host name among them might. */
function trusting(realip: Realip, address: Address): Directive | 'unknown' | null {
  const plain = unmapped(address);
  let named: 'unknown' | null = null;
  for (const directive of realip.from) {
    const text = directive.args[0] ?? '';
    if (text === 'unix:') {
      if (plain.family === 'unix') return directive;
      continue;
    }
    const network = parseNetwork(text);
    // A host name is resolved once, when nginx starts.
    if (network === null) named = 'unknown';
    else if (contains(network, plain)) return directive;
  }
  return named;
}

/** The field that carries addresses, as written; null for the PROXY protocol. */
function sourceOf(realip: Realip): { readonly name: string; readonly isList: boolean } | null {
  const name = realip.header?.args[0] ?? 'X-Real-IP';
  if (name === 'proxy_protocol') return null;
  return { name, isList: name === 'X-Forwarded-For' };
}

/**
 * Computes the client's address and leaves it in the state (ngx_http_realip_handler). nginx does it in
 * post-read with the server's settings, and again in preaccess with the location's unless it was replaced.
 */
export function resolveClient(realip: Realip | null, state: State): Resolved {
  const { peer } = state;
  const start = { address: peer, says: 'the other end of the connection', directive: null };
  const unchanged = (missing: string | null = null): Resolved => {
    state.clientMissing = missing;
    return { client: { address: state.client, peer, chain: [start] }, missing, isReplaced: false };
  };
  const address = parseAddress(peer);
  if (realip === null || address === null) return unchanged();
  const trust = trusting(realip, address);
  if (trust === null) return unchanged();
  const source = sourceOf(realip);
  if (source === null) return unchanged('the address in the PROXY protocol header of the connection');
  const fields = fieldsOf(source, state);
  if (fields.length === 0) return unchanged();
  if (trust === 'unknown') return unchanged('the addresses of the host names in set_real_ip_from');

  let doubt = false;
  const isRecursive = realip.recursive?.args[0] === 'on';
  const isTrusted = (one: Address): boolean => {
    const by = trusting(realip, one);
    doubt ||= by === 'unknown';
    return by !== null && by !== 'unknown';
  };
  const hops = forwarded(address, fields, isTrusted, isRecursive);
  if (doubt) return unchanged('the addresses of the host names in set_real_ip_from');
  const last = hops.at(-1);
  if (last === undefined) return unchanged();
  state.client = printAddress(last.address);
  state.clientMissing = null;
  state.clientPort = last.port ?? 0;
  const chain = [
    start,
    ...hops.map((hop, at) => explain(realip, source.name, hop, at === 0 ? address : (hops[at - 1]?.address ?? address))),
  ];
  return { client: { address: state.client, peer, chain }, missing: null, isReplaced: true };
}

function fieldsOf(source: { readonly name: string; readonly isList: boolean }, state: State): readonly string[] {
  if (source.isList) return forwardedFor(state.request.headers);
  // Any other field counts once, its first appearance, even when it holds a list.
  const wanted = lowerCase(source.name);
  const found = state.request.headers.find(([name]) => lowerCase(name) === wanted);
  return found === undefined ? [] : [found[1].trim()];
}

function explain(realip: Realip, header: string, hop: Hop, before: Address): ClientAddress['chain'][number] {
  const by = trusting(realip, before);
  return {
    address: printAddress(hop.address),
    says: `taken from ${header}, because ${printAddress(before)} is trusted`,
    directive: by === 'unknown' ? null : by,
  };
}
