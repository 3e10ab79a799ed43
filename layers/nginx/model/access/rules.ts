import { type Address, parseAddress, parseNetwork } from '@why403/terms/address';
import type { Directive } from '../syntax/ast.ts';

interface RuleV4 {
  readonly mask: number;
  readonly address: number;
  readonly directive: Directive;
}

interface RuleV6 {
  readonly mask: readonly number[];
  readonly address: readonly number[];
  readonly directive: Directive;
}

/**
 * Every allow and deny of one block, as nginx keeps them: three lists, one a family, each in file order. A
 * block with any rule of its own drops all inherited ones, whatever their family (ngx_http_access_merge_loc_conf).
 */
export interface AccessRules {
  readonly directives: readonly Directive[];
  readonly v4: readonly RuleV4[];
  readonly v6: readonly RuleV6[];
  readonly unix: readonly Directive[];
  /** Rules whose address nginx would refuse to start with: nothing is known past them. */
  readonly broken: readonly Directive[];
}

export function compileAccess(directives: readonly Directive[]): AccessRules {
  const v4: RuleV4[] = [];
  const v6: RuleV6[] = [];
  const unix: Directive[] = [];
  const broken: Directive[] = [];
  for (const directive of directives) {
    const text = directive.args[0] ?? '';
    if (text === 'all') {
      v4.push({ mask: 0, address: 0, directive });
      v6.push({ mask: [0, 0, 0, 0], address: [0, 0, 0, 0], directive });
      unix.push(directive);
    } else if (text === 'unix:') {
      unix.push(directive);
    } else {
      const network = parseNetwork(text);
      if (network === null) broken.push(directive);
      else if (network.family === 'v4') v4.push({ mask: maskOf(network.prefix, 0), address: wordOf(network.bytes, 0), directive });
      else
        v6.push({ mask: WORDS.map((at) => maskOf(network.prefix, at)), address: WORDS.map((at) => wordOf(network.bytes, at)), directive });
    }
  }
  return { directives, v4, v6, unix, broken };
}

const WORDS = [0, 1, 2, 3] as const;

function wordOf(bytes: readonly number[], word: number): number {
  const at = word * 4;
  return ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0) | 0;
}

function maskOf(prefix: number, word: number): number {
  const bits = Math.min(32, Math.max(0, prefix - word * 32));
  return bits === 0 ? 0 : (-1 << (32 - bits)) | 0;
}

/** The first rule of the client's family that covers it; null: none does, and nginx lets it pass. */
export function findRule(rules: AccessRules, client: Address): Directive | null {
  if (client.family === 'unix') return rules.unix[0] ?? null;
  if (client.family === 'v4') return findV4(rules.v4, wordOf(client.bytes, 0));
  // An IPv4-mapped address is held against the IPv4 rules, when there are any (ngx_http_access_handler).
  if (rules.v4.length > 0 && isMapped(client.bytes)) return findV4(rules.v4, wordOf(client.bytes, 3));
  const words = WORDS.map((at) => wordOf(client.bytes, at));
  for (const rule of rules.v6) {
    if (WORDS.every((at) => ((words[at] ?? 0) & (rule.mask[at] ?? 0)) === rule.address[at])) return rule.directive;
  }
  return null;
}

function findV4(rules: readonly RuleV4[], client: number): Directive | null {
  for (const rule of rules) if ((client & rule.mask) === rule.address) return rule.directive;
  return null;
}

function isMapped(bytes: readonly number[]): boolean {
  return bytes[10] === 255 && bytes[11] === 255 && bytes.slice(0, 10).every((byte) => byte === 0);
}

/** The client's address, as text from the state; null when it is none (never from a real socket). */
export function clientAddress(text: string): Address | null {
  return parseAddress(text);
}
