import { parseArgs } from 'node:util';
import { runTests } from './vitest.ts';

/**
 * Runs the tests against real servers. `--pairs N` and `--seed S` go to the differential test, as the
 * environment variables WHY403_PAIRS and WHY403_SEED; anything else goes to vitest.
 */
export async function runLab(counts: string, argv: readonly string[]): Promise<void> {
  const { values, tokens } = parseArgs({
    args: [...argv],
    options: { pairs: { type: 'string' }, seed: { type: 'string' } },
    strict: false,
    tokens: true,
  });
  const own = new Set(tokens.flatMap((token) => (token.kind === 'option' && ['pairs', 'seed'].includes(token.name) ? span(token) : [])));
  const env: Record<string, string> = {};
  if (typeof values['pairs'] === 'string') env['WHY403_PAIRS'] = whole('--pairs', values['pairs']);
  if (typeof values['seed'] === 'string') env['WHY403_SEED'] = whole('--seed', values['seed']);
  await runTests({ project: 'lab', counts, env, args: argv.filter((_, index) => !own.has(index)) });
}

/** The positions in argv that an option takes up: two unless it is written `--name=value`. */
function span(token: { readonly index: number; readonly inlineValue?: boolean | undefined }): readonly number[] {
  return token.inlineValue === true ? [token.index] : [token.index, token.index + 1];
}

function whole(name: string, text: string): string {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`${name} takes a whole number, not "${text}".`);
  return text;
}
