import { type Cause, type CauseId, certaintyOf, type Sighting } from '@why403/decision';
import type { Judged } from '../judge/judge.ts';

/** A sighting with the cause and the hop it belongs to. */
export interface Ranked {
  readonly cause: Cause;
  readonly hop: number;
  readonly product: string;
  readonly sighting: Sighting;
  /** The broader causes that are true of this very refusal, most specific first. */
  readonly refines: readonly CauseId[];
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
    detection.verdict === 'found' ? detection.sightings.map((sighting) => ({ cause, hop, product, sighting, refines: cause.refines })) : [],
  );
  const groups = new Map<string, Ranked[]>();
  for (const one of all.toSorted((a, b) => a.hop - b.hop || a.sighting.at - b.sighting.at)) {
    const key = `${one.hop}/${one.sighting.at}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const ordered = [...groups.values()].filter((group) => group.some(refuses)).map(settleRivals);
  // What refused first may be nothing that a cause is known for: what stands behind it did not refuse in its place.
  const spoke = ordered.findIndex((group) => group[0]?.sighting.at === 0);
  const first = ordered[spoke] ?? [];
  const later = ordered.slice(spoke + 1);
  // One entry for each: what may explain it otherwise is only worth telling of the refusal that spoke.
  return { findings: first, next: later.flatMap((group) => group.slice(0, 1)) };
}

/** What is only told beside a refusal is none itself. */
export function refuses({ sighting }: Ranked): boolean {
  return sighting.isBeside !== true;
}

function settleRivals(group: readonly Ranked[]): readonly Ranked[] {
  const kept = group
    .filter((one) => !group.some((other) => explainsFiner(other, one)))
    .map((one) => ({ ...one, refines: truly(one, group) }));
  const ordered = kept.toSorted(
    (a, b) =>
      Number(refuses(b)) - Number(refuses(a)) ||
      b.sighting.confidence - a.sighting.confidence ||
      depth(b.cause) - depth(a.cause) ||
      compare(a.cause.id, b.cause.id),
  );
  return ordered.filter((one, index) => !ordered.slice(0, index).some((surer) => isSameFact(surer, one)));
}

/**
 * Of the broader causes those that were found for the same refusal, and of the same house also what lies
 * between: a cause may be too fine for the one and still a kind of the other.
 */
function truly({ cause }: Ranked, group: readonly Ranked[]): readonly CauseId[] {
  const found = new Map(group.map((one) => [one.cause.id, one.cause]));
  const isFound = (id: CauseId): boolean => found.has(id);
  const last = cause.refines.findLastIndex(isFound);
  return cause.refines.filter((id, index) => isFound(id) || (index < last && houseOf(id) === houseOf(cause.id)));
}

function houseOf(id: CauseId): string {
  return id.slice(0, id.indexOf('/'));
}

function explainsFiner(finer: Ranked, broader: Ranked): boolean {
  return (
    finer.cause.refines.includes(broader.cause.id) &&
    finer.sighting.confidence >= broader.sighting.confidence - FINER_MAY_LAG &&
    isSamePlace(finer, broader)
  );
}

/** Two causes that are both sure of one place don't rival: they call the same fact by two names, and one is enough. */
function isSameFact(a: Ranked, b: Ranked): boolean {
  return certaintyOf(a.sighting.confidence) === 'proven' && certaintyOf(b.sighting.confidence) === 'proven' && isSamePlace(a, b);
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
