import { tally } from './counts/tally.ts';
import { installDebianPackages } from './debian/install.ts';
import { unpackShippedConfigurations } from './debian/unpack.ts';
import { labOptions, runLab } from './verify/lab.ts';
import { runStaticChecks } from './verify/static.ts';
import { runTests } from './verify/vitest.ts';

const options = labOptions(process.argv.slice(2));
if (typeof options === 'string') {
  process.stderr.write(`${options}\n`);
  process.exit(2);
}

/** `npm test`: installs the servers that the lab asks, then runs `npm run check` and `npm run lab`. */
await tally(async (counts) => {
  installDebianPackages();
  unpackShippedConfigurations();
  const failed = runStaticChecks();
  await runTests({ project: 'unit', counts });
  await runLab(counts, options);
  return failed.length;
});
