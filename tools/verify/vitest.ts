import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname, join } from 'node:path';
import { addCounts, readCounts } from '../counts/counts.ts';
import { ROOT } from '../gen/catalog.ts';

export interface TestRun {
  readonly project: 'unit' | 'lab';
  /** Where the reporter adds up what passed and failed. */
  readonly counts: string;
  /** Further arguments for vitest, such as the files to run. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The Node to run on; this one unless told. */
  readonly node?: string;
}

/** Runs one project's tests. All that came of them is in the counts. */
export async function runTests(run: TestRun): Promise<void> {
  const before = readCounts(run.counts).failed;
  const succeeded = await runVitest(run);
  // Without a failed test it was vitest itself that failed: a broken configuration, or no test found.
  if (!succeeded && readCounts(run.counts).failed === before) addCounts(run.counts, { passed: 0, failed: 1, skipped: 0 });
}

async function runVitest(run: TestRun): Promise<boolean> {
  const node = run.node ?? process.execPath;
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(node, [vitest, 'run', '--project', run.project, ...(run.args ?? [])], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      ...run.env,
      WHY403_COUNTS: run.counts,
      // What the tests start by name must be that Node too.
      PATH: `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}`,
    },
  });
  const [status] = await once(child, 'exit');
  return status === 0;
}
