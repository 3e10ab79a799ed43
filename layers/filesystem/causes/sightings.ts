import { isSome } from '@why403/decision';
import type { Detection, Evidence, Gathered, Remedy, Sighting, Some } from '@why403/decision';
import { type Draft, sightingOf } from '@why403/terms/sighting';
import type { Encounter, Obstacles } from '../model/encounter.ts';
import { entryLine } from '../model/entry-line.ts';
import type { Entry } from '../model/tree.ts';

/**
 * Holds every encounter against a cause; `see` answers null for one that isn't this cause. Nothing seen is
 * `excluded` only when nothing was left open.
 */
export function detectEncounters(evidence: Gathered<Obstacles>, see: (encounter: Encounter, all: Obstacles) => Draft | null): Detection {
  if (evidence.state === 'unavailable') return { verdict: 'undetermined', missing: [evidence.missing] };
  const all = evidence.value;
  const sightings = all.encounters.flatMap((encounter) => {
    const draft = see(encounter, all);
    return draft === null ? [] : [sightingAt(encounter, draft)];
  });
  if (isSome(sightings)) return { verdict: 'found', sightings };
  return isSome(all.missing) ? { verdict: 'undetermined', missing: all.missing } : { verdict: 'excluded' };
}

/** A draft at the place of an encounter. */
export function sightingAt(encounter: Pick<Encounter, 'at' | 'weight' | 'observed' | 'context'>, draft: Draft): Sighting {
  const { at, weight, observed, context } = encounter;
  return sightingOf({ at, confidence: weight, observed: [...observed, ...context] }, draft);
}

/** Quotes a file in the manner of `ls -ld`. */
export function fileEvidence(path: string, entry: Entry, all: Pick<Obstacles, 'accounts'>, says: string): Evidence {
  return { kind: 'file', file: path, text: entryLine(path, entry, all.accounts), says, audience: 'operator' };
}

/** Says that something isn't there. */
export function absenceEvidence(path: string, says: string): Evidence {
  return { kind: 'absence', file: path, says, audience: 'operator' };
}

/** The remedy of a refusal that is right. */
export function keep(say: string): Remedy {
  return { who: 'operator', say, apply: 'none', steps: [] };
}

/** A remedy that is told but not applied by a tool. */
export function byHand(say: string, ...texts: Some<string>): Remedy {
  return { who: 'operator', say, apply: 'by-hand', steps: texts.map((text) => ({ kind: 'manual', text })) };
}

/** A remedy of commands that want a look before they run. */
export function commands(say: string, ...argvs: Some<Some<string>>): Remedy {
  return { who: 'operator', say, apply: 'review', steps: argvs.map((argv) => ({ kind: 'command', argv })) };
}
