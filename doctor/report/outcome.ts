import type { Masked } from '@why403/terms/house';
import type { Report } from './schema.ts';

/** A connection that is closed on purpose, without an answer, by the number that servers log for it. */
export const SILENT = 444;

/** Statuses that refuse: 403 and its neighbors (RFC 9110, RFC 4918, RFC 6585, RFC 7725). */
const REFUSALS: ReadonlySet<number> = new Set([401, 403, 407, 421, 423, 426, 429, SILENT, 451]);

export function isRefusalStatus(status: number): boolean {
  return REFUSALS.has(status);
}

/** Whether a refusal was decided, whatever became of it on its way out. */
export function isRefused(status: number, masks: Pick<Masked, 'status' | 'refuses'> | null): boolean {
  return masks?.refuses === true || isRefusalStatus(masks?.status ?? status);
}

/** What a status means for the one who asked. `masks` tells the status before it was changed on its way out. */
export function outcomeOf(status: number, masks: Pick<Masked, 'status' | 'refuses'> | null): Report['outcome'] {
  if (isRefused(status, masks)) return 'refused';
  if (isRefusalStatus(status)) return 'refused';
  return status < 400 ? 'allowed' : 'failed';
}

/** Documented exit codes of `diagnose`. */
export function exitCodeOf(report: Pick<Report, 'outcome' | 'findings'>): 0 | 1 | 3 {
  switch (report.outcome) {
    case 'refused':
      return report.findings.length > 0 ? 1 : 3;
    case 'allowed':
    case 'failed':
      return 0;
    case 'undetermined':
    case 'unreachable':
      return 3;
  }
}
