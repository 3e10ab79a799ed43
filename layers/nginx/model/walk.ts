import type { Answered, ModelRequest, Plan, Walk, World } from './trace.ts';
import { isSome } from '@why403/decision';
import { begin } from './accept/begin.ts';
import type { Asked } from './access/subrequest.ts';
import type { Journey, Turn } from './journey.ts';
import { open } from './plan.ts';
import { type Ending, postRead, travel } from './phases.ts';
import { setOutFrom } from './set-out.ts';

const NOTHING: ReadonlySet<string> = new Set();

/**
 * What nginx does with the request, check by check. Refusals whose keys are in `lift` are treated as cured.
 * Steps that can't be judged are undetermined, and the walk goes on as if they let the request through.
 */
export function walk(plan: Plan, request: ModelRequest, world: World, lift: ReadonlySet<string> = NOTHING): Walk {
  const begun = begin(open(plan), request, world, lift);
  if (begun.journey === null) return nowhere(request, begun.missing);
  const { journey } = begun;
  if (begun.turn.kind === 'on') postRead(journey);
  const ending = travel(journey, begun.turn, ask);
  return {
    checks: journey.checks,
    client: journey.client,
    server: { directive: journey.server.directive, how: journey.how },
    locations: journey.locations,
    answer: answerOf(journey, ending),
  };
}

function nowhere(request: ModelRequest, missing: string): Walk {
  const { address } = request.peer;
  return {
    checks: [
      {
        phase: 'accept',
        round: 0,
        verdict: 'undetermined',
        directive: null,
        says: 'no server takes the connection',
        refusal: null,
        missing,
      },
    ],
    client: { address, peer: address, chain: [{ address, says: 'the other end of the connection', directive: null }] },
    server: { directive: null, how: 'default' },
    locations: [],
    answer: { state: 'undetermined', by: 0, missing: [missing], otherwise: null },
  };
}

function answerOf(journey: Journey, ending: Ending): Walk['answer'] {
  const answered = ending.kind === 'sent' ? describe(journey, ending) : null;
  const missing = journey.doubts.map((at) => journey.checks[at]?.missing ?? 'what this step decides');
  const [first] = journey.doubts;
  if (first !== undefined && isSome(missing)) return { state: 'undetermined', by: first, missing, otherwise: answered };
  // A lost walk has at least one doubt, which is where it was lost.
  return answered ?? { state: 'undetermined', by: journey.checks.length - 1, missing: ['what this step decides'], otherwise: null };
}

/** Statuses by which a request is refused; what replaces one of them masks it. */
const REFUSALS: ReadonlySet<number> = new Set([401, 403, 407, 421, 423, 426, 429, 444, 451, 495, 496, 497]);

function describe(journey: Journey, ending: Extract<Ending, { kind: 'sent' }>): Answered {
  const { masked } = journey;
  const { status, source, what, by } = ending;
  const plain: Answered = { state: 'answered', status, unmasked: status, source, by, what, mask: null };
  if (masked === null) return plain;
  // `error_page 404 = @app` only routes: what comes after it answers in its own right.
  if (masked.overwrite === 0 && !REFUSALS.has(masked.status)) return plain;
  return { ...plain, unmasked: masked.status, by: masked.by, mask: status === masked.status ? null : masked.directive };
}

/** Carries an auth_request's sub-request out inside the model; its checks become notes of the main request. */
function ask(main: Journey, uri: string): Asked {
  const sub = setOutFrom(main, uri);
  const start: Turn = { kind: 'on' };
  const ending = travel(sub, start, askNoFurther);
  for (const check of sub.checks) {
    main.checks.push({
      ...check,
      phase: main.phase,
      round: main.round,
      verdict: 'noted',
      says: `sub-request ${uri}: ${check.says}`,
      refusal: null,
      missing: null,
    });
  }
  const [first] = sub.doubts;
  if (first !== undefined || ending.kind === 'lost') {
    return { status: null, missing: (first === undefined ? null : sub.checks[first]?.missing) ?? `what ${uri} answers`, journey: sub };
  }
  sub.state.status = ending.status;
  return { status: ending.status, missing: null, journey: sub };
}

/** Sub-requests skip the access phase, so that none asks again. */
function askNoFurther(): Asked {
  return { status: null, missing: 'what a sub-request of a sub-request answers', journey: null };
}
