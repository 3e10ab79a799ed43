import { tally } from './counts/tally.ts';
import { installDebianPackages } from './debian/install.ts';
import { unpackShippedConfigurations } from './debian/unpack.ts';
import { runLab } from './verify/lab.ts';
import { runStaticChecks } from './verify/static.ts';
import { runTests } from './verify/vitest.ts';

/** `npm test`: installs the servers that the lab asks, then runs `npm run check` and `npm run lab`. */
await tally(async (counts) => {
  installDebianPackages();
  unpackShippedConfigurations();
  const failed = runStaticChecks();
  await runTests({ project: 'unit', counts });
  await runLab(counts, process.argv.slice(2));
  return failed.length;
});
