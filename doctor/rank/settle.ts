import type { Cause } from '@why403/decision';
import type { LayerReport } from '@why403/terms/house';
import type { Judged } from '../judge/judge.ts';
import type { Report } from '../report/schema.ts';
import { type Ranking, refuses } from './rank.ts';

export interface Doubt {
  readonly ranking: Ranking;
  readonly judged: readonly Judged[];
  readonly layers: readonly LayerReport[];
  /** The request is refused, or nobody knows. */
  readonly isOpen: boolean;
  /** What would settle it where no server could be looked at. */
  readonly otherwise: string | null;
}

/**
 * The one next check when certainty isn't proven: what splits the rivals, else what was missing where the
 * walk stopped, else what would show more. Null when the answer is proven or nothing refuses.
 */
export function settle({ ranking, judged, layers, isOpen, otherwise }: Doubt): Report['settle'] {
  const [first, ...others] = ranking.findings;
  // A finer or a broader cause of the same refusal is no rival.
  const second = others.find((one) => first !== undefined && refuses(one) && !isKin(one.cause, first.cause));
  if (first !== undefined && first.sighting.confidence >= 0.95) return null;
  if (first === undefined && !isOpen) return null;
  const missing = otherwise ?? firstMissing(judged, layers);
  if (first !== undefined && second !== undefined) {
    return {
      check:
        asked(missing) ??
        `Find out whether it is ${first.cause.id} or ${second.cause.id}: ${first.sighting.title}; or: ${second.sighting.title}.`,
      why: `${first.cause.id} and ${second.cause.id} would both look like this.`,
    };
  }
  if (missing === null) return null;
  return { check: asked(missing), why: first === undefined ? 'That is where the trail ends.' : `It would make sure of ${first.cause.id}.` };
}

/** What is missing is told as a noun or a question; a check is something to do. */
function asked<T extends string | null>(missing: T): T | string {
  if (missing === null || !/^[a-z]/.test(missing)) return missing;
  return /^(?:what|whether|which|who|how|where)\b/.test(missing) ? `Find out ${missing}.` : `Needed: ${missing}.`;
}

function isKin(a: Cause, b: Cause): boolean {
  return a.refines.includes(b.id) || b.refines.includes(a.id);
}

/** An answer came through these: a doubt about them, such as a certificate taken on trust, is not what refuses. */
const BEFORE: ReadonlySet<string> = new Set(['dns', 'tls']);

function firstMissing(judged: readonly Judged[], layers: readonly LayerReport[]): string | null {
  const fromLayer = layers.find((one) => one.verdict === 'undetermined' && !BEFORE.has(one.layer))?.missing?.[0];
  if (fromLayer !== undefined) return fromLayer;
  for (const { detection } of judged) if (detection.verdict === 'undetermined') return detection.missing[0];
  return null;
}
