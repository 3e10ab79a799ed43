import { isSome } from '@why403/decision';
import type { Detection, Gathered, Sighting } from '@why403/decision';
import type { Obstacles } from '../../model/encounter.ts';
import type { Denial } from '../../model/denials/denial.ts';
import type { Denials } from '../evidence.ts';
import { sightingAt } from '../sightings.ts';
import type { Draft } from '@why403/terms/sighting';
import { bestFit, spotsOf, unexplained } from '../spots.ts';
import type { Spot } from '../spots.ts';

interface Joined {
  readonly spot: Spot;
  readonly all: Obstacles;
  readonly denials: Denials;
}

interface Question<T extends Denial> {
  readonly obstacles: Gathered<Obstacles>;
  readonly denials: Gathered<Denials>;
  /** The records that may be this cause. */
  readonly records: (denials: Denials) => readonly T[];
  /** Whether this module is known to be off. */
  readonly isOff: (denials: Denials) => boolean;
  readonly see: (record: T, joined: Joined) => Draft | null;
}

/**
 * Joins records of a security module with the spots of one request. Without a fitting record the cause is
 * excluded when nothing was refused without an explanation, when the module is off, or when all logs were
 * searched; else it stays undetermined.
 */
export function detectDenied<T extends Denial>({ obstacles, denials, records, isOff, see }: Question<T>): Detection {
  if (obstacles.state === 'unavailable') return { verdict: 'undetermined', missing: [obstacles.missing] };
  const all = obstacles.value;
  const open = unexplained(all);
  if (denials.state === 'unavailable') return open.length === 0 ? settled(all) : { verdict: 'undetermined', missing: [denials.missing] };
  const { value } = denials;
  if (isOff(value)) return { verdict: 'excluded' };
  const sightings = spotsOf(all).flatMap((spot): Sighting[] => {
    const best = bestFit(records(value), spot, all);
    const draft = best === null ? null : see(best.record, { spot, all, denials: value });
    return best === null || draft === null ? [] : [sightingAt(spot, { ...draft, weight: best.sure * (draft.weight ?? 1) })];
  });
  // One record explains one refusal: further paths below the same directory are the same story.
  const [first, ...rest] = sightings.filter(
    (one, at) => sightings.findIndex((other) => other.evidence[0] === one.evidence[0] || sameLine(other, one)) === at,
  );
  if (first !== undefined) return { verdict: 'found', sightings: [first, ...rest] };
  if (open.length > 0 && isSome(value.unsearched)) return { verdict: 'undetermined', missing: value.unsearched };
  return open.length > 0 ? { verdict: 'excluded' } : settled(all);
}

function sameLine(a: Sighting, b: Sighting): boolean {
  const [one] = a.evidence;
  const [other] = b.evidence;
  return one.file === other.file && one.line === other.line && one.text === other.text;
}

/** Nothing is unexplained: excluded, unless the walk itself had gaps. */
function settled(all: Obstacles): Detection {
  return isSome(all.missing) ? { verdict: 'undetermined', missing: all.missing } : { verdict: 'excluded' };
}
