import { tally } from './counts/tally.ts';
import { labOptions, runLab } from './verify/lab.ts';

const options = labOptions(process.argv.slice(2));
if (typeof options === 'string') {
  process.stderr.write(`${options}\n`);
  process.exit(2);
}

/** `npm run lab [-- --pairs N --seed S]`: the tests against real servers. */
await tally(async (counts) => {
  await runLab(counts, options);
  return 0;
});
