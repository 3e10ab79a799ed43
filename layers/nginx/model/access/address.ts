import { type Journey, refusalOf } from '../journey.ts';
import type { AccessRules } from './rules.ts';
import { clientAddress, findRule } from './rules.ts';
import { DECLINED, type Outcome } from './outcome.ts';

/** allow and deny: the first rule of the client's family that covers it decides; none lets it pass. */
export function judgeAddress(journey: Journey): Outcome {
  const rules = journey.scope.settings.access;
  if (rules === null) return DECLINED;
  const client = journey.state.client;
  const [broken] = rules.broken;
  if (broken !== undefined) {
    return {
      kind: 'unknown',
      directive: broken,
      says: `${broken.name} names no address`,
      missing: `a valid address in ${broken.name} ${broken.args.join(' ')}`,
      refusal: null,
    };
  }
  const address = clientAddress(client);
  if (address === null) return unknownClient(rules, client);
  const rule = findRule(rules, address);
  if (rule === null) return DECLINED;
  const written = `${rule.name} ${rule.args.join(' ')}`;
  const refusal = refusalOf('access-rule', 403, rule, {
    rule,
    rules: rules.directives,
    client,
    within: journey.scope.kind === 'limit-except' ? 'limit-except' : 'location',
    limitExcept: journey.scope.kind === 'limit-except' ? journey.scope.directive : null,
  });
  if (rule.name === 'allow') return { kind: 'allowed', directive: rule, says: `${written} covers ${client}` };
  if (!journey.isClientKnown) {
    return { kind: 'unknown', directive: rule, says: `${written} may cover the client`, missing: 'the address that realip finds', refusal };
  }
  return { kind: 'refused', directive: rule, says: `${written} covers ${client}`, refusal };
}

function unknownClient(rules: AccessRules, client: string): Outcome {
  return {
    kind: 'unknown',
    directive: rules.directives[0] ?? null,
    says: 'allow and deny ask for the client address',
    missing: `an address where ${client} stands`,
    refusal: null,
  };
}
