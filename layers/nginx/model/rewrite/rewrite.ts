import { doubt, fail, type Journey, mayRefuse, note, ON, pass, refusalOf, refuse, type Turn } from '../journey.ts';
import { placeKey, type Scope } from '../location/scope.ts';
import type { Refusal } from '../trace.ts';
import type { Directive } from '../syntax/ast.ts';
import { type Answer, compileScript, type Outcome, run, type Script } from '../values/script.ts';
import { enter } from '../location/enter.ts';

/** Whether nginx looks for a location again after the rewrites of this one. */
export type Rewritten = Turn | { readonly kind: 'again' };

/** The rewrite module's directives of the server or of the location in force. */
export function runRewrites(journey: Journey): Rewritten {
  const { scope, state } = journey;
  const script = scriptOf(journey, scope);
  if (script.isEmpty) return ON;
  const outcome = run(script, state);
  for (const { directive, says, held } of outcome.notes) {
    note(journey, directive, says);
    // Each condition that holds takes over in turn (ngx_http_script_if_code): a later one may leave an earlier one's handler.
    const inner = held === true && directive.name === 'if' ? scope.ifs.get(placeKey(directive)) : undefined;
    if (inner !== undefined) enter(journey, inner);
  }
  return conclude(journey, outcome);
}

function conclude(journey: Journey, outcome: Outcome): Rewritten {
  switch (outcome.kind) {
    case 'done':
      return outcome.uriChanged ? { kind: 'again' } : ON;
    case 'failed':
      return fail(journey, outcome.status, outcome.directive, outcome.why);
    case 'answered':
      return answer(journey, outcome.answer);
    case 'undetermined':
      return consider(journey, outcome);
  }
}

/**
 * ngx_http_script_return_code: a redirect or an error without text may be replaced by an error page; anything
 * with a text, and any status below 400, is sent as it is.
 */
function answer(journey: Journey, given: Answer): Turn {
  const { status, directive } = given;
  const says = `${directive.name} answers ${status}${given.condition === null ? '' : ` because if ${given.condition.args.join(' ')} holds`}`;
  const by = status >= 400 ? refuse(journey, directive, says, refusalFor(given)) : pass(journey, directive, says);
  if (given.location !== null) return { kind: 'status', status, by, source: 'redirect', what: given.location };
  return { kind: given.isDirect ? 'sent' : 'status', status, by, source: 'return', what: null };
}

function refusalFor({ status, directive, condition, provenance }: Answer): Refusal {
  const isSecureLink = provenance.some(({ variable }) => variable === 'secure_link');
  if (isSecureLink) return refusalOf('secure-link', status, directive, { rule: directive, condition, provenance });
  return refusalOf('return', status, directive, { rule: directive, condition, provenance });
}

/** The script stopped at something unknown: every refusal it could still come to is a candidate. */
function consider(journey: Journey, outcome: Extract<Outcome, { kind: 'undetermined' }>): Turn {
  const refusals = outcome.candidates.filter(({ status }) => status >= 400);
  const others = outcome.candidates.length - refusals.length;
  for (const candidate of refusals) {
    mayRefuse(
      journey,
      candidate.directive,
      `${candidate.directive.name} may answer ${candidate.status}`,
      outcome.missing,
      refusalFor(candidate),
    );
  }
  if (others > 0 || refusals.length === 0)
    doubt(journey, outcome.directive, `${outcome.directive.name} ${outcome.directive.args.join(' ')} can't be judged`, outcome.missing);
  return ON;
}

/** The scope's script, without the returns that are lifted. */
function scriptOf(journey: Journey, scope: Scope): Script {
  if (journey.lift.size === 0 || scope.script.isEmpty) return scope.script;
  const isLiftedReturn = (directive: Directive) =>
    directive.name === 'return' && (['return', 'secure-link'] as const).some((kind) => journey.lift.has(`${kind} ${placeKey(directive)}`));
  const block = scope.directive.block ?? [];
  if (!block.some((one) => isLiftedReturn(one) || one.block?.some(isLiftedReturn) === true)) return scope.script;
  const kept = block
    .filter((one) => !isLiftedReturn(one))
    .map((one) =>
      one.name === 'if' && one.block?.some(isLiftedReturn) === true
        ? { ...one, block: one.block.filter((inner) => !isLiftedReturn(inner)) }
        : one,
    );
  return compileScript(kept, scope.kind === 'server' ? 'server' : 'location', journey.plan.definitions);
}

/** Modules outside the model that may act in this phase. */
export function foreignRewrites(journey: Journey, phase: 'server-rewrite' | 'rewrite'): void {
  for (const { directive, risk } of journey.scope.settings.risks) {
    if (risk.phase !== phase) continue;
    const refusal = refusalOf('module', risk.status ?? 403, directive, { rule: directive, module: risk.module });
    mayRefuse(journey, directive, `the module ${risk.module} may answer by itself`, `what ${directive.name} decides`, refusal);
  }
}
