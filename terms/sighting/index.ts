import type { Evidence, Remedy, Sighting, Some } from '@why403/decision';

/** What a cause says of one refusal; its place in the order and its circumstances come with the evidence. */
export interface Draft {
  readonly title: string;
  readonly why: string;
  /** The deciding place first. */
  readonly evidence: Some<Evidence>;
  readonly remedies: Some<Remedy>;
  /** Lowers the confidence when the cause itself is only a reading of the facts. 1 when left out. */
  readonly weight?: number;
}

/** What a house knows of the refusal a draft speaks of. */
export interface Circumstances {
  readonly at: number;
  readonly confidence: number;
  /** Log lines, answers and the like, told after the draft's own evidence. */
  readonly observed: readonly Evidence[];
}

/** A draft at its place among the refusals. */
export function sightingOf({ at, confidence, observed }: Circumstances, draft: Draft): Sighting {
  const [first, ...more] = draft.evidence;
  return {
    at,
    title: draft.title,
    why: draft.why,
    confidence: confidence * (draft.weight ?? 1),
    evidence: [first, ...more, ...observed],
    remedies: draft.remedies,
  };
}
