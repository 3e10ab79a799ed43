import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addCounts, closingLine, readCounts } from './counts.ts';

/**
 * Runs `work` with a file to count in, then prints the closing line and sets the exit code. `work` returns
 * how many things failed that are no tests: each adds one to the failures. A tally file given from outside
 * by WHY403_COUNTS is added to, and left for whoever gave it.
 */
export async function tally(work: (counts: string) => Promise<number>): Promise<void> {
  const given = process.env['WHY403_COUNTS'];
  const folder = mkdtempSync(join(tmpdir(), 'why403-counts-'));
  const file = given ?? join(folder, 'counts');
  try {
    const otherFailures = await work(file);
    if (otherFailures > 0) addCounts(file, { passed: 0, failed: otherFailures, skipped: 0 });
    const counts = readCounts(file);
    process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
    process.stdout.write(`${closingLine(counts)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
