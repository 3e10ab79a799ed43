import type { Cell, CellChange, Prediction, Proof } from '@why403/terms/house';
import type { Question } from '@why403/terms/request';
import type { Step } from '@why403/decision';

/** What a trial by model needs of the house. */
export interface Predicting {
  readonly question: Question;
  readonly steps: readonly Step[];
  readonly cells: readonly Cell[];
  predict(question: Question, steps: readonly Step[]): Prediction;
  /** The client's address for the report; null when it isn't known. */
  client(question: Question, steps: readonly Step[]): string | null;
}

/** Statuses by which a server refuses; 404 and 5xx are failures. */
const REFUSALS = new Set([401, 403, 407, 421, 423, 426, 429, 444, 451]);

export function isPassing(status: number | null): boolean {
  return status !== null && status >= 200 && status < 400;
}

export function isRefusal(status: number | null): boolean {
  return status !== null && REFUSALS.has(status);
}

export const NO_CONTROL = 'no neighboring request is refused both times, so none shows that refusing still works';

/** Tries a fix on the model alone, and says why not on a server. A step that nobody understood proves nothing. */
export function proveByModel(trial: Predicting, why: string, isUnderstood: 'understood' | 'not-understood'): Proof {
  const before = trial.predict(trial.question, []);
  const after = trial.predict(trial.question, trial.steps);
  const cells = trial.cells.map((cell) => ({
    cell,
    before: trial.predict(cell.question, []).status,
    after: trial.predict(cell.question, trial.steps).status,
  }));
  const known = cells.filter((one) => one.before !== null && one.after !== null);
  const changed = known.filter((one) => one.before !== one.after).map((one) => changeOf(one.cell, trial, one.before, one.after));
  const collateral = { checked: known.length, changed };
  const proof = { by: 'model' as const, before: before.status, after: after.status, collateral };
  const missing = [...new Set([...before.missing, ...after.missing])];
  if (before.status === null || after.status === null) {
    return { ...proof, status: 'not-run', how: `${why}; the model can't tell either: ${missing.join('; ') || 'it gives no reason'}` };
  }
  const isHidden = (before.masks ?? null) !== null;
  if (isPassing(before.status) && !isHidden)
    return { ...proof, status: 'not-run', how: `${why}; by the model nothing refuses (${before.status})` };
  const isLetThrough = isPassing(after.status) && (after.masks ?? null) === null;
  if (!isLetThrough && isUnderstood === 'not-understood') return { ...proof, status: 'not-run', how: why };
  const control = known.some((one) => isRefusal(one.before) && isRefusal(one.after)) ? '' : `; ${NO_CONTROL}`;
  return { ...proof, status: isLetThrough ? 'proven' : 'refuted', how: `by model, not on a server: ${why}${control}` };
}

export function changeOf(cell: Cell, trial: Pick<Predicting, 'client' | 'steps'>, before: number | null, after: number | null): CellChange {
  const { question } = cell;
  const host = question.hostname.includes(':') ? `[${question.hostname}]` : question.hostname;
  const port = question.port === (question.scheme === 'https' ? 443 : 80) ? '' : `:${question.port}`;
  return {
    label: cell.label,
    method: question.method,
    url: `${question.scheme}://${host}${port}${question.target.startsWith('/') ? '' : '/'}${question.target}`,
    client: trial.client(question, trial.steps) ?? question.from ?? '',
    before,
    after,
  };
}
