import type { Cause, Sighting } from '@why403/decision';
import type { Judged } from '../judge/judge.ts';

/** A sighting with the cause and the hop it belongs to. */
export interface Ranked {
  readonly cause: Cause;
  readonly hop: number;
  readonly product: string;
  readonly sighting: Sighting;
}

export interface Ranking {
  /** [0] refused first; then rivals for the same refusal, surest first. */
  readonly findings: readonly Ranked[];
  /** What would refuse after that, in the servers' order. */
  readonly next: readonly Ranked[];
}

/** A broader cause is told only as `refines` of a finer one that explains the same refusal at least nearly as surely. */
const FINER_MAY_LAG = 0.2;

/**
 * Puts sightings into the servers' own order: hop by hop, and inside a hop by the position the house
 * gave. Broader causes of the same refusal are folded into the finest.
 */
export function rank(judged: readonly Judged[]): Ranking {
  const all = judged.flatMap(({ cause, hop, product, detection }) =>
    detection.verdict === 'found' ? detection.sightings.map((sighting) => ({ cause, hop, product, sighting })) : [],
  );
  const groups = new Map<string, Ranked[]>();
  for (const one of all.toSorted((a, b) => a.hop - b.hop || a.sighting.at - b.sighting.at)) {
    const key = `${one.hop}/${one.sighting.at}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const [first = [], ...later] = [...groups.values()].map(settleRivals);
  return { findings: first, next: later.flat() };
}

function settleRivals(group: readonly Ranked[]): readonly Ranked[] {
  const kept = group.filter((one) => !group.some((other) => explainsFiner(other, one)));
  return kept.toSorted(
    (a, b) => b.sighting.confidence - a.sighting.confidence || depth(b.cause) - depth(a.cause) || compare(a.cause.id, b.cause.id),
  );
}

function explainsFiner(finer: Ranked, broader: Ranked): boolean {
  return (
    finer.cause.refines.includes(broader.cause.id) &&
    finer.sighting.confidence >= broader.sighting.confidence - FINER_MAY_LAG &&
    isSamePlace(finer, broader)
  );
}

/** The first evidence of a sighting quotes the deciding place; without a place it speaks for the whole refusal. */
function isSamePlace(a: Ranked, b: Ranked): boolean {
  const [one] = a.sighting.evidence;
  const [other] = b.sighting.evidence;
  if (one.file === undefined || other.file === undefined) return true;
  return one.file === other.file && one.line === other.line;
}

function depth(cause: Cause): number {
  return cause.refines.length;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
