import type { Edit, Evidence, Remedy } from '@why403/decision';
import {
  type ClientAddresses,
  type ForwardedAddress,
  forwardedAddresses,
  isEverywhere,
  type KeyedRefusal,
  type Reading,
  type Trusted,
  trustOf,
} from '@why403/edge';
import { type Address, parseAddress, printAddress, unmapped } from '@why403/terms/address';
import { header } from '@why403/terms/request';
import type { Attributed } from './attribution/attribute.ts';
import { type Change, passOverTrusted, trustFewer, trustPeer } from './realip-edits.ts';
import type { Configuration, Directive } from './syntax/ast.ts';
import type { ModelRequest } from './trace.ts';
import { forwarded } from './values/forwarded.ts';
import { forwardedFor } from './values/header-variables.ts';
import { compileRealip } from './values/realip.ts';
import { nearest } from './values/scope.ts';

export interface Circumstances {
  readonly configuration: Configuration;
  readonly request: ModelRequest;
  readonly items: readonly Attributed[];
  /** Why the walk could not be followed to its end. */
  readonly missing: readonly string[];
  readonly quote: (directive: Directive, says: string) => Evidence;
  /** What refuses this request when it comes from another address: certain or not, by key. `without`: a header left out. */
  readonly refusalsFor: (address: string, without: string | null) => ReadonlyMap<string, boolean>;
  /** How an address is let past an allow or deny rule; null where no edit does it. */
  readonly admit: (item: Attributed, address: string) => Remedy | null;
  /** Whether many clients come through a peer, by the access log; null when it doesn't tell. */
  readonly carriesMany: (peer: string) => boolean | null;
}

/** nginx reads bare addresses only; `Forwarded` (RFC 7239) has them as parameters, which realip can't read. */
const UNREADABLE = 'Forwarded';
const DEFAULT_HEADER = 'X-Real-IP';

/** Every refusal that was keyed on the client's address, with what else the address could have been taken to be. */
export function clientAddressesOf(all: Circumstances): ClientAddresses {
  return { refusals: all.items.filter(isKeyed).map((item) => keyedRefusal(item, all)), missing: all.missing };
}

const ADDRESS_VARIABLES: ReadonlySet<string> = new Set(['remote_addr', 'binary_remote_addr']);

/** Whether another client might have got another answer: `deny all` alone refuses everybody. */
function isKeyed({ refusal }: Attributed): boolean {
  if (refusal.kind === 'access-rule') return refusal.rules.some(({ args: [network = ''] }) => network !== 'all' && !isEverywhere(network));
  if (refusal.kind !== 'return') return false;
  return refusal.provenance.some((one) => ADDRESS_VARIABLES.has(one.variable) || one.from.some((name) => ADDRESS_VARIABLES.has(name)));
}

/** What realip is told where a refusal stands, and whose word that is. */
interface Told {
  readonly from: readonly Directive[];
  readonly header: Directive | null;
  readonly isRecursive: boolean;
}

/** A refusal with all that the readings of its address are made of. */
interface Scene {
  readonly item: Attributed;
  readonly server: Directive | null;
  readonly told: Told;
  readonly peer: Address | null;
  readonly used: string;
  readonly addresses: readonly ForwardedAddress[];
  readonly trusted: readonly Trusted[];
  readonly all: Circumstances;
}

function keyedRefusal(item: Attributed, all: Circumstances): KeyedRefusal {
  const { refusal, walk } = item;
  const told = toldAt(item);
  const peer = parseAddress(walk.client.peer);
  const used = plain(refusal.kind === 'access-rule' ? refusal.client : walk.client.address);
  const trusted = told.from.map((one) => ({ network: one.args[0] ?? '', rule: all.quote(one, 'This is trusted to name the client.') }));
  const name = told.header?.args[0] ?? (told.from.length > 0 ? DEFAULT_HEADER : null);
  const addresses = addressesIn(all.request, name, peer);
  const scene: Scene = { item, server: walk.server.directive, told, peer, used, addresses, trusted, all };
  return {
    at: item.at,
    confidence: item.confidence,
    rule: ruleEvidence(item, all),
    observed: item.context,
    used,
    peer: plain(walk.client.peer),
    forwarded: addresses,
    trusted,
    header: name === null ? null : { name, rule: told.header === null ? null : all.quote(told.header, 'The address is read from this.') },
    carriesMany: all.carriesMany(walk.client.peer),
    readings: [trustingPeer(scene), passingOver(scene), trustingFewer(scene)].flatMap((one) => one ?? []),
  };
}

function ruleEvidence({ refusal }: Attributed, { quote }: Circumstances): Evidence {
  const says = 'This refused the address that it was asked about.';
  if (refusal.kind === 'access-rule' || refusal.kind === 'return') return quote(refusal.rule, says);
  return { kind: 'config', says, audience: 'operator' };
}

/**
 * nginx reads the address in post-read by the server's settings and, if that changed nothing, again in
 * preaccess by the location's: behind that, both count. The array of trusted networks is inherited whole or
 * not at all (ngx_http_realip_merge_loc_conf).
 */
function toldAt({ walk, check }: Attributed): Told {
  const server = walk.server.directive;
  const isEarly = check.phase === 'server-rewrite' || check.phase === 'rewrite' || check.phase === 'find-location';
  const location = walk.locations[Math.min(check.round, walk.locations.length - 1)] ?? null;
  const inner = isEarly ? server : (location ?? server);
  const from = [...(compileRealip(server)?.from ?? []), ...(compileRealip(inner)?.from ?? [])];
  return {
    from: [...new Set(from)],
    header: nearest(inner, 'real_ip_header'),
    isRecursive: nearest(inner, 'real_ip_recursive')?.args[0] === 'on',
  };
}

/** Addresses of all forwarding headers, and of the header that is read when it is one of the site's own. */
function addressesIn(request: ModelRequest, name: string | null, peer: Address | null): readonly ForwardedAddress[] {
  const usual = forwardedAddresses(request.headers);
  if (name === null || peer === null || usual.some((one) => one.header.toLowerCase() === name.toLowerCase())) return usual;
  const value = header(request.headers, name);
  const hops = value === undefined ? [] : forwarded(peer, [value.trim()], () => true, false);
  return [...hops.map((hop) => ({ header: name, address: printAddress(unmapped(hop.address)) })), ...usual];
}

function trustingPeer(scene: Scene): Reading | null {
  const { item, server, told, peer, used, addresses, trusted, all } = scene;
  if (peer === null || plain(item.walk.client.peer) !== used) return null;
  const name = (told.header?.args[0] ?? (told.from.length > 0 ? DEFAULT_HEADER : '')).toLowerCase();
  const isSent = addresses.some((one) => one.header.toLowerCase() === name);
  if (isSent && isBelieved(trusted, used)) return null;
  const source = addresses.find((one) => (isSent ? one.header.toLowerCase() === name : one.header !== UNREADABLE));
  if (source === undefined) return null;
  const isTrusted = (one: Address): boolean => printAddress(unmapped(one)) === used || isBelieved(trusted, printAddress(one));
  const address = readAs(scene, source.header, isTrusted, told.isRecursive);
  if (address === null || address === used) return null;
  const change = server === null ? null : trustPeer(all.configuration, server, used, source.header);
  return reading('trust-peer', scene, source.header, address, change, null);
}

function passingOver(scene: Scene): Reading | null {
  const { item, told, used, trusted } = scene;
  if (told.isRecursive || plain(item.walk.client.peer) === used || !isListRead(told)) return null;
  // Whoever trusts everybody has not said which addresses are proxies.
  const proxies = trusted.filter(({ network }) => !isEverywhere(network));
  if (!isBelieved(proxies, used)) return null;
  const address = readAs(scene, 'X-Forwarded-For', (one) => isBelieved(trusted, printAddress(one)), true);
  if (address === null || address === used) return null;
  const block = blockThatReads(scene);
  const change = block === null ? null : passOverTrusted(scene.all.configuration, block);
  return reading('pass-over-trusted', scene, 'X-Forwarded-For', address, change, null);
}

function trustingFewer(scene: Scene): Reading | null {
  const { item, told, used, trusted } = scene;
  const peer = plain(item.walk.client.peer);
  if (!told.isRecursive || peer === used || !isListRead(told) || !told.from.some(({ args: [network = ''] }) => isEverywhere(network)))
    return null;
  const proxies = trusted.filter(({ network }) => !isEverywhere(network));
  const isTrusted = (one: Address): boolean => printAddress(unmapped(one)) === peer || isBelieved(proxies, printAddress(one));
  const address = readAs(scene, 'X-Forwarded-For', isTrusted, true);
  if (address === null || address === used) return null;
  const block = blockThatReads(scene);
  const change = block === null ? null : trustFewer(scene.all.configuration, block, peer);
  // Whoever trusts everybody would read the header again, whatever address the request came from.
  return reading('trust-fewer', scene, 'X-Forwarded-For', address, change, 'X-Forwarded-For');
}

function reading(
  how: Reading['how'],
  scene: Scene,
  source: string,
  address: string,
  change: Change | null,
  without: string | null,
): Reading {
  const { item, all } = scene;
  const certain = all.refusalsFor(address, without).get(item.refusal.key);
  const isAdmitted = certain === undefined ? true : certain ? false : null;
  return { how, header: source, address, isAdmitted, remedies: change === null ? [] : remediesOf(change, address, isAdmitted, scene) };
}

/** Where the rules refuse the other address too, it takes both edits to let this very client in. */
function remediesOf({ say, edits }: Change, address: string, isAdmitted: boolean | null, { item, all }: Scene): readonly Remedy[] {
  const plainly: Remedy = { who: 'operator', say, apply: 'review', steps: [{ kind: 'edit', edits }] };
  if (isAdmitted !== false) return [plainly];
  const admitting = all.admit(item, address);
  if (admitting === null) return [plainly];
  // A refusal that is right stays right.
  if (admitting.apply === 'none') return [admitting];
  const more: readonly Edit[] = admitting.steps.flatMap((step) => (step.kind === 'edit' ? step.edits : []));
  const both: Remedy = {
    ...plainly,
    say: `${say} And let ${address} itself in: ${admitting.say}`,
    steps: [{ kind: 'edit', edits: [edits[0], ...edits.slice(1), ...more] }],
  };
  return [both, plainly];
}

/** The block whose settings took the address over: the server's come first, and once it is taken the location's are not asked. */
function blockThatReads({ item, server, peer }: Scene): Directive | null {
  const { walk, check } = item;
  const location = walk.locations[Math.min(check.round, walk.locations.length - 1)] ?? null;
  const networks = (compileRealip(server)?.from ?? []).map(({ args: [network = ''] }) => ({ network }));
  return peer !== null && isBelieved(networks, printAddress(peer)) ? server : (location ?? server);
}

function isListRead({ header: directive }: Told): boolean {
  return directive?.args[0] === 'X-Forwarded-For';
}

function isBelieved(trusted: readonly Pick<Trusted, 'network'>[], address: string): boolean {
  const by = trustOf(trusted, address);
  return by !== null && by !== 'unknown';
}

/** What nginx would take from a header; null when it would take nothing. */
function readAs({ peer, all }: Scene, name: string, isTrusted: (address: Address) => boolean, isRecursive: boolean): string | null {
  const fields = name === 'X-Forwarded-For' ? forwardedFor(all.request.headers) : [header(all.request.headers, name)?.trim() ?? ''];
  const last = peer === null ? undefined : forwarded(peer, fields, isTrusted, isRecursive).at(-1);
  return last === undefined ? null : printAddress(unmapped(last.address));
}

function plain(address: string): string {
  const parsed = parseAddress(address);
  return parsed === null ? address : printAddress(unmapped(parsed));
}
