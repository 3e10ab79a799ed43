import { contains, parseAddress, parseNetwork } from '@why403/terms/address';
import { header } from '@why403/terms/request';
import type { Directive } from '../../model/syntax/ast.ts';
import { compilePattern } from '../../model/values/pattern.ts';
import { blockAt, inherited, locationAt } from '../blocks.ts';
import type { NginxRefusals } from '../evidence.ts';
import type { Seen } from '../sightings.ts';

/** A request that an allow or deny directive refused. */
export type Denial = Seen<'access-rule'>;

/** `all`, or a network that holds a whole address family. */
export function isCatchAll(rule: Directive): boolean {
  return ['all', '0.0.0.0/0', '::/0'].includes(rule.args[0] ?? '');
}

/** Whether a rule names exactly this one address. */
export function namesOnly(rule: Directive, client: string): boolean {
  const network = parseNetwork(rule.args[0] ?? '');
  const address = parseAddress(client);
  return network !== null && address !== null && network.prefix === network.bytes.length * 8 && contains(network, address);
}

function covers(rule: Directive, client: string): boolean {
  if (rule.args[0] === 'all') return true;
  const network = parseNetwork(rule.args[0] ?? '');
  const address = parseAddress(client);
  return network !== null && address !== null && contains(network, address);
}

/** An `allow` for the client that stands behind the rule that refused: the first match wins, so it never speaks. */
export function hiddenAllow({ refusal }: Denial): Directive | null {
  const later = refusal.rules.slice(refusal.rules.indexOf(refusal.rule) + 1);
  return later.find((rule) => rule.name === 'allow' && covers(rule, refusal.client)) ?? null;
}

function allowsOf({ refusal }: Denial): readonly Directive[] {
  return refusal.rules.slice(0, refusal.rules.indexOf(refusal.rule)).filter((rule) => rule.name === 'allow');
}

/** A list of allowed addresses, closed by a catch-all, that the client isn't on. What is told of a method or a password is told there. */
export function isAllowListMiss(item: Denial): boolean {
  return isCatchAll(item.refusal.rule) && allowsOf(item).length > 0 && hiddenAllow(item) === null;
}

/** An allow list that names addresses of one family only, met by a client of the other. */
export function isOneFamilyOnly(item: Denial): boolean {
  if (!isAllowListMiss(item)) return false;
  const client = familyOf(item.refusal.client);
  return (
    client !== null &&
    allowsOf(item).every((rule) => {
      const family = familyOf(rule.args[0] ?? '');
      return family !== null && family !== client;
    })
  );
}

function familyOf(text: string): string | null {
  const network = parseNetwork(text);
  return network === null ? null : network.family;
}

/** Credentials came with the request, a password is asked for here, and `satisfy all` wants both. */
export function isSatisfyAllConflict(item: Denial, all: NginxRefusals): boolean {
  const block = blockAt(item.walk, item.check);
  const basic = inherited(block, 'auth_basic');
  const satisfy = inherited(block, 'satisfy');
  return (
    header(all.request.headers, 'authorization') !== undefined &&
    basic !== null &&
    basic.args[0] !== 'off' &&
    (satisfy === null || satisfy.args[0] === 'all')
  );
}

/** The rule stands where only an index file's internal redirect leads. */
export function isBehindIndexRedirect({ check, walk }: Denial, all: NginxRefusals): boolean {
  const path = all.request.target.replace(/\?.*$/s, '');
  if (check.round === 0 || !path.endsWith('/')) return false;
  return walk.checks.some((one) => one.round === check.round - 1 && one.phase === 'content' && one.verdict !== 'refused');
}

/** Whether it is a segment that begins with a dot by which the location caught the path, as in `location ~ /\\.`. */
export function isDotfileLocation({ check, walk }: Denial, all: NginxRefusals): boolean {
  const location = locationAt(walk, check);
  if (location === null) return false;
  const [modifier, source] = location.args.length > 1 ? location.args : ['', location.args[0]];
  if (source === undefined) return false;
  if (modifier !== '~' && modifier !== '~*') return source.startsWith('/.');
  const path = all.request.target.replace(/\?.*$/s, '');
  const pattern = compilePattern(source, { caseless: modifier === '~*' });
  if (pattern.state !== 'ready') return false;
  const match = pattern.run(path);
  const caught = match.state === 'matched' ? (match.groups[0] ?? '') : '';
  const before = path.charAt(path.indexOf(caught) - 1);
  return caught.includes('/.') || (caught.startsWith('.') && before === '/');
}
