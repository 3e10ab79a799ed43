import type { Check, ModelRequest, Plan, Refusal, Walk, World } from './trace.ts';
import { walk } from './walk.ts';

/** One layer: a refusal, the walk that met it, and whether it is certain once the ones before it are lifted. */
export interface Layer {
  readonly refusal: Refusal;
  readonly walk: Walk;
  readonly check: Check;
  readonly certain: boolean;
}

export interface Onion {
  /** The first walk has nothing lifted, the last one is as far as lifting leads. */
  readonly walks: readonly Walk[];
  /** In the order in which the server would come to them. */
  readonly refusals: readonly Layer[];
}

/** Far beyond any stack of refusals met; each walk lifts at least one more. */
const LAYERS_AT_MOST = 32;

/**
 * Refusals stack, and only the first one speaks. Lifts each, certain or not, and walks again, until the
 * request is allowed or what stands in the way can't be lifted.
 */
export function onion(plan: Plan, request: ModelRequest, world: World): Onion {
  const lift = new Set<string>();
  const walks: Walk[] = [];
  const refusals: Layer[] = [];
  while (walks.length < LAYERS_AT_MOST) {
    const taken = walk(plan, request, world, new Set(lift));
    walks.push(taken);
    const met = refusalsOf(taken).filter(({ refusal }) => !lift.has(refusal.key));
    for (const { check, refusal, certain } of met) {
      if (lift.has(refusal.key)) continue;
      lift.add(refusal.key);
      refusals.push({ refusal, walk: taken, check, certain });
    }
    if (met.length === 0 || !isLiftable(met.at(-1)?.refusal ?? null)) break;
  }
  return { walks, refusals };
}

interface Met {
  readonly check: Check;
  readonly refusal: Refusal;
  readonly certain: boolean;
}

/** Candidates before the check that decided, then that one. */
function refusalsOf({ checks, answer }: Walk): Met[] {
  const answered = answer.state === 'answered' ? answer : (answer.otherwise ?? null);
  const deciding = answered?.by ?? -1;
  const met: Met[] = [];
  let isAdrift = false;
  for (const [at, check] of checks.entries()) {
    const { refusal, verdict } = check;
    if (verdict === 'undetermined') {
      if (refusal === null) isAdrift = true;
      else met.push({ check, refusal, certain: false });
    }
    // A path that try_files passed over for want of permission is what its next names cover up, a page even.
    const isCoveredUp = verdict === 'noted' && refusal !== null && answered !== null;
    if (refusal !== null && (isCoveredUp || (verdict === 'refused' && at === deciding))) met.push({ check, refusal, certain: !isAdrift });
    if (at === deciding || isCoveredUp) break;
  }
  return met;
}

/** What nobody's rule refuses can't be lifted: a missing file, a bad request, a fault. */
function isLiftable(refusal: Refusal | null): boolean {
  if (refusal === null) return false;
  if (refusal.kind === 'obstacle' || refusal.kind === 'auth-basic-file')
    return refusal.obstacle.errno === 'EACCES' && refusal.obstacle.needs !== null;
  return refusal.kind !== 'built-in' || refusal.rule !== null || refusal.status === 497;
}
