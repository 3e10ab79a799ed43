import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { tally } from './counts/tally.ts';
import { ROOT } from './gen/catalog.ts';
import { runTests } from './verify/vitest.ts';

/** The npm package that carries a Node for this machine, as in package.json's optionalDependencies. */
const PACKAGE = `node-${process.platform}-${process.arch}`;

/** Where a Node of that version is, fetched from npm when it isn't there yet; null when npm has none. */
function nodeOf(version: string): string | null {
  const folder = join(ROOT, '.cache', 'node', version);
  const node = join(folder, 'node_modules', PACKAGE, 'bin', 'node');
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true });
    const args = ['install', '--prefix', folder, '--no-save', '--ignore-scripts', '--prefer-offline', '--loglevel=error'];
    const result = spawnSync('npm', [...args, `${PACKAGE}@${version}`], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    if (result.status !== 0) return null;
  }
  return spawnSync(node, ['-v'], { encoding: 'utf8' }).stdout?.trim() === `v${version}` ? node : null;
}

/** `node tools/matrix.ts VERSION…`: the unit tests on each of these Nodes. */
await tally(async (counts) => {
  let failures = 0;
  for (const version of process.argv.slice(2)) {
    const node = nodeOf(version);
    process.stdout.write(`Unit tests on Node ${version}${node === null ? ': npm has none for this machine' : ''}\n`);
    if (node === null) failures += 1;
    else await runTests({ project: 'unit', counts, node });
  }
  return failures;
});
