import type { Kind, Needed } from './bag.ts';
import type { CauseId } from './cause-id.ts';
import type { Evidence, Some } from './evidence.ts';
import type { Layer } from './layers.ts';
import type { Remedy } from './remedy.ts';

/** `proven` ≥ 0.95 > `likely` ≥ 0.6 > `possible`. */
export type Certainty = 'proven' | 'likely' | 'possible';

export function certaintyOf(confidence: number): Certainty {
  if (confidence >= 0.95) return 'proven';
  return confidence >= 0.6 ? 'likely' : 'possible';
}

/**
 * One place where a cause refuses the request. `at` is its position among the refusals of this hop in
 * the server's own order: 0 refused first (or is a rival for it), 1 would refuse once 0 is lifted, …
 */
export interface Sighting {
  readonly at: number;
  /** What is wrong. */
  readonly title: string;
  /** Why it matters: how this place leads to the refusal. */
  readonly why: string;
  /** 0 to 1; `certaintyOf` names it. */
  readonly confidence: number;
  /** True of the refusal at this place, and nothing that refuses: told beside what does, never in its stead and never in a fix. */
  readonly isBeside?: boolean;
  readonly evidence: Some<Evidence>;
  readonly remedies: Some<Remedy>;
}

/** What a cause says about the evidence. Missing evidence is `undetermined`, never `excluded`. */
export type Detection =
  | { readonly verdict: 'found'; readonly sightings: Some<Sighting> }
  | { readonly verdict: 'excluded' }
  | { readonly verdict: 'undetermined'; readonly missing: Some<string> };

/**
 * A reason for refusals, as data. `detect` is pure, synchronous and deterministic, and sees only the
 * kinds of evidence named in `needs`.
 */
export interface Cause<N extends Kind = Kind> {
  readonly id: CauseId;
  readonly layer: Layer;
  /** One line for listings. */
  readonly title: string;
  /** Broader causes that are also true when this one is, most specific first. */
  readonly refines: readonly CauseId[];
  readonly needs: readonly N[];
  detect(evidence: Needed<N>): Detection;
}

/** Ties `needs` to what `detect` may read. */
export function defineCause<const N extends Kind>(cause: Cause<N>): Cause<N> {
  return cause;
}
