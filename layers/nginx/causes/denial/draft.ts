import type { Evidence, Remedy, Some } from '@why403/decision';
import type { Directive } from '../../model/syntax/ast.ts';
import { blockAt, nameOf } from '../blocks.ts';
import type { NginxRefusals } from '../evidence.ts';
import { placeOf, quote, textOf } from '../quote.ts';
import type { Draft } from '@why403/terms/sighting';
import { admitClient } from './remedies.ts';
import type { Denial } from './shape.ts';

/** Most allow directives that are quoted for one denial; a long list is told by its length. */
const QUOTED_ALLOWS = 4;

/** What every denial has in common; causes say the rest. */
export function draftDenial(
  item: Denial,
  all: NginxRefusals,
  words: { readonly title: string; readonly why: string },
  more: { readonly evidence?: readonly Evidence[]; readonly remedies?: Some<Remedy> } = {},
): Draft {
  const { rule, rules, client } = item.refusal;
  const block = blockAt(item.walk, item.check);
  const where = rule.parent === block || block === null || item.refusal.within === 'limit-except' ? '' : `, inherited by ${nameOf(block)}`;
  const allows = rules.filter((one) => one.name === 'allow' && one !== rule);
  return {
    ...words,
    evidence: [
      quote(rule, `This rule is the first that matches ${client}${where}.`),
      ...allows.slice(0, QUOTED_ALLOWS).map((one) => quote(one, allowSays(one, rule, rules, client))),
      ...tooMany(allows),
      ...addressEvidence(item),
      ...(more.evidence ?? []),
    ],
    remedies: more.remedies ?? admitClient(item, all),
  };
}

function allowSays(allow: Directive, rule: Directive, rules: readonly Directive[], client: string): string {
  return rules.indexOf(allow) < rules.indexOf(rule)
    ? `This allow comes first and does not match ${client}.`
    : `This allow comes after ${textOf(rule)} at ${placeOf(rule)} and is never asked.`;
}

function tooMany(allows: readonly Directive[]): readonly Evidence[] {
  if (allows.length <= QUOTED_ALLOWS) return [];
  return [{ kind: 'config', says: `${allows.length - QUOTED_ALLOWS} more allow directives do not match either.`, audience: 'operator' }];
}

/** How nginx came to the address that the rule was asked about, when it isn't simply the socket's. */
function addressEvidence({ walk }: Denial): readonly Evidence[] {
  if (walk.client.address === walk.client.peer) return [];
  return walk.client.chain.flatMap((link) => (link.directive === null ? [] : [quote(link.directive, `${link.address}: ${link.says}`)]));
}
