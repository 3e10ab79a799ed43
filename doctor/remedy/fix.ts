import type { Cell, Proof, Visit } from '@why403/terms/house';
import type { Question } from '@why403/terms/request';
import type { Step } from '@why403/decision';
import type { Ranking } from '../rank/rank.ts';
import { collateralCells } from './cells.ts';
import { type Choice, choicesFor, chooseFix, isForTools } from './choose.ts';
import { type IsSecret, type Named, renderSteps } from './render.ts';
import type { ReportStep } from '../report/schema.ts';

export interface Fix {
  /** As the house understands them. */
  readonly steps: readonly Step[];
  /** As reported: with the reload last. */
  readonly rendered: readonly ReportStep[];
  readonly proof: Proof;
}

/** Chooses the least fix, tries it, and renders it. Null when there is nothing to change. */
export async function fixFor(
  ranking: Ranking,
  visit: Visit,
  question: Question,
  isSecret: IsSecret,
  named: Named,
  prove: boolean,
  signal: AbortSignal,
): Promise<Fix | null> {
  if (ranking.findings.length === 0) return null;
  const choices = choicesFor(ranking);
  const general = collateralCells(question);
  // Where nothing is weighed and nothing tried, nobody asks what becomes of the matrix.
  if (choices.length > 1 || prove) await visit.prepare([question, ...general.map((cell) => cell.question)]);
  const choice = chooseFix(choices, visit, question, general);
  if (choice === null) return null;
  const cells = [...general, ...visit.neighbors(question, choice.steps)];
  const proof = await proofOf(choice, visit, question, cells, prove, signal);
  const rendered = renderSteps([...choice.steps, ...reloadAfter(choice.steps, visit)], (file) => visit.source(file), isSecret, named);
  return { steps: choice.steps, rendered, proof };
}

async function proofOf(
  choice: Choice,
  visit: Visit,
  question: Question,
  cells: readonly Cell[],
  prove: boolean,
  signal: AbortSignal,
): Promise<Proof> {
  const untried = (how: string): Proof => ({
    status: 'not-run',
    by: 'model',
    how,
    before: null,
    after: null,
    collateral: { checked: 0, changed: [] },
  });
  if (!choice.remedies.every(isForTools)) return untried('the fix has a step that only a person can take');
  if (!prove) return untried('asked not to with --no-proof');
  return visit.prove(question, choice.steps, cells, signal);
}

/** Only an edit of the configuration needs the server to read it again. */
function reloadAfter(steps: readonly Step[], visit: Visit): readonly Step[] {
  return steps.some((step) => step.kind === 'edit') ? visit.reload() : [];
}
