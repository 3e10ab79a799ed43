import type { CommanderError } from 'commander';
import { Fault } from '@why403/terms/fault';

/**
 * What Commander has against a command line, in our words and without the values in it: a mistyped
 * `--haeder=Authorization: …` must not repeat the secret. Null: it is no error (help was asked for).
 */
export function faultOf(error: CommanderError, flags: readonly string[], commands: readonly string[]): Fault | null {
  if (error.exitCode === 0) return null;
  const { message } = error;
  const [, first = ''] = /'(-{0,2}[^'=\s]*)/.exec(message) ?? [];
  switch (error.code) {
    case 'commander.unknownOption':
      return new Fault('usage/unknown-flag', `there is no flag ${first}`, { hint: hintFor(first, flags) });
    case 'commander.unknownCommand':
      return new Fault('usage/nothing-asked', `there is no command ${first}`, { hint: hintFor(first, commands) });
    case 'commander.optionMissingArgument': {
      const [, flag = 'the flag'] = /(--[\w.-]+)/.exec(message) ?? [];
      const [, value = 'a value'] = /(<[^>]*>)/.exec(message) ?? [];
      return new Fault('usage/value-missing', `${flag} needs a value: ${flag} ${value}`, {
        hint: 'A value that begins with a dash is written behind an equals sign, as in --header=-x.',
      });
    }
    case 'commander.excessArguments':
      return new Fault('usage/conflict', 'more than one URL was given, or a value stands without its flag', {
        hint: 'Ask for one URL at a time, and put quotes around what holds spaces, & or ?.',
      });
    default:
      return new Fault('usage/value-invalid', message.replace(/^error: /, '').replace(/'[^']*'/g, 'the value'), { hint: HELP });
  }
}

const HELP = '`why403 --help` and `why403 diagnose --help` show what can be asked.';

function hintFor(written: string, known: readonly string[]): string {
  const near = nearest(written, known);
  return near === null ? HELP : `Did you mean ${near}?`;
}

/** The known word that takes the fewest changes of one letter; null when none is near. */
export function nearest(written: string, known: readonly string[]): string | null {
  const most = Math.max(1, Math.floor(written.replace(/^-+/, '').length / 3));
  const [best] = known
    .map((word) => ({ word, distance: distanceOf(written, word) }))
    .filter(({ distance }) => distance <= most)
    .toSorted((a, b) => a.distance - b.distance);
  return best?.word ?? null;
}

/** Levenshtein's distance, with two letters swapped counted as one change. */
function distanceOf(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same, swapped));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
