import { parseArgs } from 'node:util';
import { runTests } from './vitest.ts';

/** What was asked of the lab; all but its own options goes to vitest. */
export interface LabOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
}

const VARIABLES: ReadonlyMap<string, string> = new Map([
  ['pairs', 'WHY403_PAIRS'],
  ['seed', 'WHY403_SEED'],
]);

/**
 * Reads `--pairs N` and `--seed S`, which go to the differential test as the environment variables WHY403_PAIRS
 * and WHY403_SEED. Answers with a sentence when one of them is no whole number.
 */
export function labOptions(argv: readonly string[]): LabOptions | string {
  const options = { pairs: { type: 'string' }, seed: { type: 'string' } } as const;
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true });
  const env: Record<string, string> = {};
  const own = new Set<number>();
  for (const token of tokens) {
    const variable = token.kind === 'option' ? VARIABLES.get(token.name) : undefined;
    if (token.kind !== 'option' || variable === undefined) continue;
    if (!/^\d{1,15}$/.test(token.value ?? '')) return `--${token.name} takes a whole number, not "${token.value ?? ''}".`;
    env[variable] = token.value ?? '';
    own.add(token.index);
    if (token.inlineValue === false) own.add(token.index + 1);
  }
  return { env, args: argv.filter((_, index) => !own.has(index)) };
}

/** Runs the tests against real servers. */
export async function runLab(counts: string, { env, args }: LabOptions): Promise<void> {
  await runTests({ project: 'lab', counts, env, args });
}
