import { type Detection, type Gathered, isSome } from '@why403/decision';
import { type Draft, sightingOf } from '@why403/terms/sighting';
import type { Attributed } from '../model/attribution/attribute.ts';
import type { Refusal } from '../model/trace.ts';
import type { NginxRefusals } from './evidence.ts';

/** A refusal of one kind with its circumstances. */
export interface Seen<K extends Refusal['kind']> extends Attributed {
  readonly refusal: Extract<Refusal, { kind: K }>;
}

/**
 * Holds every refusal of one kind against a cause. `see` returns null for a refusal that isn't this cause.
 * Nothing seen is `excluded` only when the walk could be followed to its end.
 */
export function detectRefusals<K extends Refusal['kind']>(
  evidence: Gathered<NginxRefusals>,
  kind: K,
  see: (item: Seen<K>, all: NginxRefusals) => Draft | null,
): Detection {
  if (evidence.state === 'unavailable') return { verdict: 'undetermined', missing: [evidence.missing] };
  const all = evidence.value;
  const sightings = all.items
    .filter((item) => isOfKind(item, kind))
    .flatMap((item) => {
      const draft = see(item, all);
      return draft === null ? [] : [sightingOf({ ...item, observed: item.context }, draft)];
    });
  if (isSome(sightings)) return { verdict: 'found', sightings };
  return isSome(all.missing) ? { verdict: 'undetermined', missing: all.missing } : { verdict: 'excluded' };
}

function isOfKind<K extends Refusal['kind']>(item: Attributed, kind: K): item is Seen<K> {
  return item.refusal.kind === kind;
}
