import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { keepForCleanUp } from '../../copy/clean-up.ts';

/** A break of one rule of the model, as one change of its text. */
export interface Mutation {
  /** The rule of nginx that it breaks, in the model's words. */
  readonly rule: string;
  /** What the broken model believes. */
  readonly believes: string;
  /** Below `model/`. */
  readonly file: string;
  /** Occurs exactly once in the file, white space aside. */
  readonly search: string;
  readonly replace: string;
}

export type Verdict =
  /** The lab went red: model and server disagreed. */
  | 'caught'
  /** The lab stayed green: it doesn't test this rule. */
  | 'survived'
  /** The mutated model did not even load, which proves nothing. */
  | 'broken';

const NGINX_HOUSE = resolve(import.meta.dirname, '../..');
const REPOSITORY = resolve(NGINX_HOUSE, '../..');

/**
 * A text of the model with the mutation in it. White space doesn't count, so that a formatter may wrap lines as it likes.
 */
export function mutatedText({ file, search, replace }: Mutation, house: string = NGINX_HOUSE): string {
  const text = readFileSync(join(house, 'model', file), 'utf8');
  const places = [...text.matchAll(/\S/g)].map(({ index }) => index);
  const dense = places.map((at) => text[at]).join('');
  const wanted = search.replaceAll(/\s+/g, '');
  const found = dense.indexOf(wanted);
  const first = places[found];
  const last = places[found + wanted.length - 1];
  if (first === undefined || last === undefined || dense.includes(wanted, found + 1)) {
    throw new Error(`model/${file} has ${found < 0 ? 'nowhere' : 'more than once'} what a mutation looks for: ${search}`);
  }
  return text.slice(0, first) + replace + text.slice(last + 1);
}

export interface Trial {
  readonly verdict: Verdict;
  /** How many pairs it took; null when it did not load. */
  readonly pairs: number | null;
  readonly output: string;
}

export interface Workshop extends Disposable {
  /**
   * Runs the differential with the mutation in the model, until the first disagreement. Without a mutation it must
   * come back as survived: else what the others are caught by is not their own doing.
   */
  attempt(mutation: Mutation | null, orders: { readonly seed: string; readonly pairs: number }): Promise<Trial>;
}

/** A private copy of this house as it is now, to be broken in. */
export function openWorkshop(): Workshop {
  const directory = mkdtempSync(join(tmpdir(), 'why403-mutation-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  const release = keepForCleanUp(remove);
  const house = join(directory, 'layers/nginx');
  cpSync(NGINX_HOUSE, house, { recursive: true, filter: (path) => !path.includes('node_modules') });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(directory, 'node_modules'));
  return {
    async attempt(mutation, { seed, pairs }) {
      const options = { seed, pairs, enough: 1, describe: 0, counterfactuals: 0 };
      const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
      const path = join(house, 'model', mutation?.file ?? 'walk.ts');
      const whole = readFileSync(path, 'utf8');
      if (mutation !== null) writeFileSync(path, mutatedText(mutation, house));
      try {
        return trialOf(await run(process.execPath, [join(house, 'lab/differential.ts'), ...args]));
      } finally {
        writeFileSync(path, whole);
      }
    },
    [Symbol.dispose]: () => {
      release();
      remove();
    },
  };
}

function trialOf(output: string): Trial {
  const [, pairs] = /^seed \S+: (\d+) pairs/m.exec(output) ?? [];
  const [, disagreements] = /(\d+) disagreements/.exec(output) ?? [];
  if (pairs === undefined || disagreements === undefined) return { verdict: 'broken', pairs: null, output };
  return { verdict: disagreements === '0' ? 'survived' : 'caught', pairs: Number(pairs), output };
}

function run(command: string, args: readonly string[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  execFile(command, args, { maxBuffer: 64 * 1024 * 1024 }, (_, stdout, stderr) => resolve(stdout + stderr));
  return promise;
}
