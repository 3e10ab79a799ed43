import { tally } from './counts/tally.ts';
import { runLab } from './verify/lab.ts';

/** `npm run lab [-- --pairs N --seed S]`: the tests against real servers. */
await tally(async (counts) => {
  await runLab(counts, process.argv.slice(2));
  return 0;
});
