import type { Remedy, Step } from '@why403/decision';
import { contradict } from '@why403/terms/diff';
import type { Cell, Prediction, Visit } from '@why403/terms/house';
import type { Question } from '@why403/terms/request';
import { isRefusalStatus } from '../report/outcome.ts';
import type { Ranked, Ranking } from '../rank/rank.ts';

/** The remedies chosen, one for each refusal on the way, in the servers' order. */
export interface Choice {
  readonly remedies: readonly Remedy[];
  readonly steps: readonly Step[];
}

/** How many combinations of remedies are weighed at most; a stack of refusals rarely has more. */
const MAX_COMBINATIONS = 48;

/**
 * Every set of remedies that lifts each refusal on the way once. None when a refusal is right, or nothing lifts it
 * by a change that a tool may propose.
 */
export function choicesFor(ranking: Ranking): readonly Choice[] {
  const refusals = firstOfEach(ranking);
  if (refusals.length === 0) return [];
  const options = refusals.map((one) => usable(one.sighting.remedies));
  return combinations(options).flatMap((remedies): Choice[] => {
    const steps = remedies.flatMap((remedy) => remedy.steps);
    return contradict(steps.flatMap((step) => (step.kind === 'edit' ? step.edits : []))) ? [] : [{ remedies, steps }];
  });
}

/**
 * Chooses the least set of remedies that lets the question through: by model, the one that opens the
 * fewest cells of the matrix, then the fewest steps, then the order in which the causes gave them.
 */
export function chooseFix(choices: readonly Choice[], visit: Visit, question: Question, cells: readonly Cell[]): Choice | null {
  const best = leastOf(choices, visit, question, cells);
  return best === null ? null : dropNeedless(best, visit, question);
}

/** By model, which is only asked where there is something to choose. */
function leastOf(choices: readonly Choice[], visit: Visit, question: Question, cells: readonly Cell[]): Choice | null {
  const [first, ...others] = choices;
  if (first === undefined) return null;
  if (others.length === 0) return first;
  const before = cells.map((cell) => decided(visit.predict(cell.question, [])));
  const weighed = choices.map((choice, order) => ({ choice, order, ...weigh(visit, question, choice.steps, cells, before) }));
  const [best] = weighed.toSorted(
    (a, b) => a.rank - b.rank || a.opens - b.opens || a.choice.steps.length - b.choice.steps.length || a.order - b.order,
  );
  return best?.choice ?? null;
}

/** The surest finding for each refusal on the way: rivals beside it explain the same one. */
function firstOfEach(ranking: Ranking): readonly Ranked[] {
  const first = ranking.findings[0];
  if (first === undefined) return [];
  const seen = new Set([`${first.hop}/${first.sighting.at}`]);
  const later = ranking.next.filter((one) => {
    const key = `${one.hop}/${one.sighting.at}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return [first, ...later].filter((one) => one.hop === first.hop);
}

/** A first remedy of `none` says that the refusal is right: nothing is proposed against it. */
function usable(remedies: readonly Remedy[]): readonly Remedy[] {
  if (remedies[0]?.apply === 'none') return [];
  const byTool = remedies.filter(isForTools);
  return byTool.length > 0 ? byTool : remedies.filter((remedy) => remedy.steps.length > 0 && remedy.apply !== 'none').slice(0, 1);
}

/** Whether a tool may try the remedy and do it: what needs a person's hand or knowledge is only told. */
export function isForTools(remedy: Remedy): boolean {
  return (
    (remedy.apply === 'safe' || remedy.apply === 'review') &&
    remedy.steps.every((step) => step.kind !== 'manual') &&
    remedy.steps.length > 0
  );
}

function combinations(options: readonly (readonly Remedy[])[]): readonly (readonly Remedy[])[] {
  let all: (readonly Remedy[])[] = [[]];
  for (const list of options) {
    all = all.flatMap((begun) => list.map((remedy) => [...begun, remedy])).slice(0, MAX_COMBINATIONS);
  }
  return all;
}

/** What the server decides, whatever it shows: a refusal behind a mask is still one. */
function decided({ status, masks }: Prediction): number | null {
  return masks ?? status;
}

/** 0: the model lets it through; 1: the model can't tell; 2: still refused. */
function weigh(
  visit: Visit,
  question: Question,
  steps: readonly Step[],
  cells: readonly Cell[],
  before: readonly (number | null)[],
): { rank: number; opens: number } {
  const after = decided(visit.predict(question, steps));
  const rank = after === null ? 1 : isRefusalStatus(after) ? 2 : 0;
  const opens = cells.filter((cell, index) => {
    const was = before[index];
    if (was === undefined || was === null || !isRefusalStatus(was)) return false;
    const now = decided(visit.predict(cell.question, steps));
    return now !== null && !isRefusalStatus(now);
  }).length;
  return { rank, opens };
}

/** Leaves out every remedy without which the model still lets the question through. */
function dropNeedless(choice: Choice, visit: Visit, question: Question): Choice {
  let remedies = choice.remedies;
  for (const remedy of choice.remedies) {
    const rest = remedies.filter((other) => other !== remedy);
    if (rest.length === 0) break;
    const status = decided(
      visit.predict(
        question,
        rest.flatMap((other) => other.steps),
      ),
    );
    if (status !== null && !isRefusalStatus(status)) remedies = rest;
  }
  return { remedies, steps: remedies.flatMap((remedy) => remedy.steps) };
}
