import { type Bag, type Cause, certaintyOf, type Detection, type Evidence, type Needed, type Kind, type Remedy, type Sighting, type Step } from '@why403/decision';
import { applyEdits, renderDiff } from '@why403/terms/diff';
import type { Expectation } from './case.ts';

/** What a house's `causes/bag-of.ts` exports. */
export interface BagOf {
  /** Turns a case's `given` into evidence, through the house's real model. */
  bagOf(given: Readonly<Record<string, unknown>>): Bag;
  /** The text of a file that `given` holds, so that edits can be shown as a diff; null when it holds none such. */
  textOf?(given: Readonly<Record<string, unknown>>, file: string): string | null;
}

/** What the cause says about the bag; a kind that the bag lacks counts as unavailable, as it does for the doctor. */
export function detect(cause: Cause, bag: Bag): Detection {
  const needed = Object.fromEntries(cause.needs.map((kind) => [kind, bag[kind] ?? { state: 'unavailable', missing: `nobody gathered ${kind}` }]));
  // Exactly the cause's own kinds; the mapped type can't be followed through fromEntries.
  return cause.detect(needed as Needed<Kind>);
}

/** How `detection` differs from what was expected, as sentences; empty when it does not. */
export function differences(detection: Detection, expected: Expectation, textOf: (file: string) => string | null): readonly string[] {
  if (detection.verdict !== expected.verdict) {
    const missing = detection.verdict === 'undetermined' ? ` (missing: ${detection.missing.join('; ')})` : '';
    return [`expected ${expected.verdict}, but the cause says ${detection.verdict}${missing}`];
  }
  if (expected.verdict === 'undetermined' && detection.verdict === 'undetermined') return missingDiffers(detection.missing, expected.missing);
  if (expected.verdict !== 'found' || detection.verdict !== 'found') return [];
  const { at } = expected;
  const sighting = at === undefined ? detection.sightings[0] : detection.sightings.find((one) => one.at === at);
  if (sighting === undefined) return [`no sighting at ${at}, only at ${detection.sightings.map((one) => one.at).join(', ')}`];
  return [...sightingDiffers(sighting, expected), ...remedyDiffers(sighting.remedies, expected.remedy, textOf)];
}

function missingDiffers(missing: readonly string[], expected: string | undefined): readonly string[] {
  if (expected === undefined || missing.some((one) => one.includes(expected))) return [];
  return [`nothing missing mentions "${expected}": ${missing.join('; ')}`];
}

function sightingDiffers(sighting: Sighting, expected: Extract<Expectation, { verdict: 'found' }>): readonly string[] {
  const found: string[] = [];
  const certainty = certaintyOf(sighting.confidence);
  if (expected.certainty !== undefined && certainty !== expected.certainty) found.push(`expected it ${expected.certainty}, but it is ${certainty} (${sighting.confidence})`);
  if (expected.title !== undefined && !sighting.title.includes(expected.title)) found.push(`the title lacks "${expected.title}": ${sighting.title}`);
  for (const wanted of expected.evidence ?? []) {
    const fits = (evidence: Evidence): boolean =>
      evidence.kind === wanted.kind &&
      (wanted.file === undefined || evidence.file === wanted.file) &&
      (wanted.line === undefined || evidence.line === wanted.line) &&
      (wanted.text === undefined || (evidence.text ?? '').includes(wanted.text));
    if (!sighting.evidence.some(fits)) found.push(`no evidence like ${JSON.stringify(wanted)} among ${JSON.stringify(sighting.evidence)}`);
  }
  return found;
}

function remedyDiffers(remedies: readonly Remedy[], wanted: Extract<Expectation, { verdict: 'found' }>['remedy'], textOf: (file: string) => string | null): readonly string[] {
  if (wanted === undefined) return [];
  const fits = (remedy: Remedy): boolean => {
    if (wanted.apply !== undefined && remedy.apply !== wanted.apply) return false;
    if (wanted.step === undefined && wanted.contains === undefined) return true;
    const steps = remedy.steps.filter((step) => wanted.step === undefined || step.kind === wanted.step);
    return steps.some((step) => wanted.contains === undefined || shown(step, textOf).includes(wanted.contains));
  };
  if (remedies.some(fits)) return [];
  const all = remedies.map((remedy) => `[${remedy.apply}] ${remedy.say}\n${remedy.steps.map((step) => shown(step, textOf)).join('\n')}`);
  return [`no remedy like ${JSON.stringify(wanted)} among:\n${all.join('\n')}`];
}

/** A step as a person reads it. Edits of a file whose text isn't known are shown by what they put in. */
function shown(step: Step, textOf: (file: string) => string | null): string {
  if (step.kind === 'command') return step.argv.join(' ');
  if (step.kind === 'manual') return step.text;
  const files = [...new Set(step.edits.map((edit) => edit.file))];
  return files
    .map((file) => {
      const edits = step.edits.filter((edit) => edit.file === file);
      const text = textOf(file);
      return text === null ? edits.map((edit) => edit.text).join('\n') : renderDiff(file, text, applyEdits(text, edits));
    })
    .join('\n');
}
