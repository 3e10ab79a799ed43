import { tally } from './counts/tally.ts';
import { runStaticChecks } from './verify/static.ts';
import { runTests } from './verify/vitest.ts';

/** `npm run check`: format, lint, types, dead code, generated files, unit tests. */
await tally(async (counts) => {
  const failed = runStaticChecks();
  await runTests({ project: 'unit', counts, args: process.argv.slice(2) });
  return failed.length;
});
