import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** How the tests of one or more vitest runs ended. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function addCounts(file: string, counts: Counts): void {
  appendFileSync(file, `${JSON.stringify(counts)}\n`);
}

/** Adds up the lines that `addCounts` left in `file`; nothing ran when there is no such file. */
export function readCounts(file: string): Counts {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const line of lines.filter((text) => text !== '')) {
    // Written by addCounts.
    const counts = JSON.parse(line) as Counts;
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
  }
  return sum;
}

/** The closing line that other programs read: `N passed, N failed`, and what was skipped if anything was. */
export function closingLine(counts: Counts): string {
  const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`;
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}
