import { doubt, isKnownToPass, isLifted, type Journey, note, ON, pass, refusalOf, refuse, type Turn } from '../journey.ts';
import { judgeAddress } from './address.ts';
import { judgeCredentials } from './basic.ts';
import { DECLINED, type Outcome } from './outcome.ts';
import { type Asked, judgeSubrequest } from './subrequest.ts';

/**
 * The access phase: modules outside the core first, then access, auth_basic and auth_request, weighed by
 * satisfy (ngx_http_core_access_phase and post_access_phase).
 */
export function accessPhase(journey: Journey, ask: (journey: Journey, uri: string) => Asked): Turn {
  if (journey.isSubrequest) return ON;
  journey.phase = 'access';
  const steps: (() => Outcome)[] = [
    ...journey.scope.settings.risks
      .filter(({ risk }) => risk.phase === 'access')
      .map(({ directive, risk }) => (): Outcome => {
        const refusal = refusalOf('module', risk.status ?? 403, directive, { rule: directive, module: risk.module });
        return {
          kind: 'unknown',
          directive,
          says: `the module ${risk.module} decides by its own code`,
          missing: `what ${directive.name} decides`,
          refusal,
        };
      }),
    () => judgeAddress(journey),
    () => judgeCredentials(journey),
    () => judgeSubrequest(journey, ask),
  ];
  const turn = journey.scope.settings.isSatisfyAny ? any(journey, steps) : all(journey, steps);
  return turn.kind === 'on' ? postAccess(journey) : turn;
}

/**
 * ngx_http_core_post_access_phase: a refusal that nothing made good. It may be left over from before an error page,
 * when a fault ended the access phase at once (r->access_code outlives the internal redirect).
 */
function postAccess(journey: Journey): Turn {
  const code = journey.accessCode;
  journey.accessCode = null;
  return code === null ? ON : { kind: 'status', status: code.status, by: code.by, source: 'error', what: null };
}

/** A lifted refusal counts as allowed. */
function lifted(journey: Journey, outcome: Outcome): Outcome {
  if (outcome.kind === 'unknown' && isKnownToPass(journey, outcome.refusal)) return DECLINED;
  if ((outcome.kind !== 'refused' && outcome.kind !== 'unknown') || outcome.refusal === null || !isLifted(journey, outcome.refusal))
    return outcome;
  return outcome.directive === null
    ? { kind: 'declined' }
    : { kind: 'allowed', directive: outcome.directive, says: `${outcome.says} (lifted)` };
}

/** satisfy all: the first that refuses ends it. */
function all(journey: Journey, steps: readonly (() => Outcome)[]): Turn {
  for (const step of steps) {
    const outcome = lifted(journey, step());
    if (outcome.kind === 'allowed') pass(journey, outcome.directive, outcome.says);
    if (outcome.kind === 'unknown') doubt(journey, outcome.directive, outcome.says, outcome.missing, outcome.refusal);
    if (outcome.kind !== 'refused') continue;
    return {
      kind: 'status',
      status: outcome.refusal.status,
      by: refuse(journey, outcome.directive, outcome.says, outcome.refusal),
      source: 'error',
      what: null,
    };
  }
  return ON;
}

/** satisfy any: the first that allows ends it; 401 sticks, and any other error but 401 and 403 ends it at once. */
function any(journey: Journey, steps: readonly (() => Outcome)[]): Turn {
  const refused: Extract<Outcome, { kind: 'refused' }>[] = [];
  const unknown: Extract<Outcome, { kind: 'unknown' }>[] = [];
  for (const step of steps) {
    const outcome = lifted(journey, step());
    if (outcome.kind === 'allowed') {
      for (const one of [...refused, ...unknown]) note(journey, one.directive, `${one.says}; satisfy any needs only one that allows`);
      pass(journey, outcome.directive, outcome.says);
      journey.accessCode = null;
      return ON;
    }
    if (outcome.kind === 'unknown') unknown.push(outcome);
    if (outcome.kind !== 'refused') continue;
    refused.push(outcome);
    if (outcome.refusal.status !== 401 && outcome.refusal.status !== 403) break;
  }
  return conclude(journey, refused, unknown);
}

function conclude(
  journey: Journey,
  refused: readonly Extract<Outcome, { kind: 'refused' }>[],
  unknown: readonly Extract<Outcome, { kind: 'unknown' }>[],
): Turn {
  const last = refused.at(-1);
  if (unknown.length > 0) {
    // If one of the unknown allows, the refusals don't matter; if none does, any of them may have spoken.
    for (const one of unknown) doubt(journey, one.directive, one.says, one.missing, one.refusal ?? last?.refusal ?? null);
    for (const one of refused) note(journey, one.directive, `${one.says}; that counts only if nothing else allows (satisfy any)`);
    journey.accessCode = null;
    return ON;
  }
  for (const one of refused) {
    const { status } = one.refusal;
    const by = refuse(journey, one.directive, one.says, one.refusal);
    if (status !== 401 && status !== 403) return { kind: 'status', status, by, source: 'error', what: null };
    if (journey.accessCode?.status !== 401) journey.accessCode = { status, by };
  }
  return ON;
}
