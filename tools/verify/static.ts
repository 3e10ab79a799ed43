import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../gen/catalog.ts';

interface Step {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  /** What to do about it when it fails. */
  readonly advice: string;
}

const bin = (name: string): string => join(ROOT, 'node_modules', '.bin', name);

const STEPS: readonly Step[] = [
  { name: 'format', argv: [bin('biome'), 'format', '--reporter=summary', '.'], advice: 'run `npm run format`' },
  { name: 'lint', argv: [bin('oxlint'), '--deny-warnings'], advice: 'each line says what is wrong and where it belongs' },
  { name: 'types', argv: [bin('tsc'), '-p', '.'], advice: 'TypeScript at its strictest has the word' },
  { name: 'dead code', argv: [bin('knip'), '--no-config-hints'], advice: 'delete what nothing uses' },
  { name: 'generated files', argv: [process.execPath, 'tools/gen.ts', '--check'], advice: 'run `npm run gen` and commit what it wrote' },
];

/** Runs every check that needs no test; returns the names of those that failed, having printed why. */
export function runStaticChecks(): readonly string[] {
  const failed: string[] = [];
  for (const { name, argv, advice } of STEPS) {
    const [command, ...args] = argv;
    const result = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    if (result.status === 0) {
      process.stdout.write(`✓ ${name}\n`);
      continue;
    }
    failed.push(name);
    const said = result.error?.message ?? `${result.stdout}${result.stderr}`;
    process.stdout.write(`${said.trimEnd()}\n✗ ${name}: ${advice}\n`);
  }
  return failed;
}
