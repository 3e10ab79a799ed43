import type { Figure, Pairing } from './measure.ts';

/** One line of what `npm run bench` prints. */
export interface Row {
  readonly what: string;
  readonly target: string;
  readonly came: string;
  /** Null: it could not be measured here. */
  readonly isMet: boolean | null;
}

/** A ratio of two programs, with both halves in milliseconds. */
export function ratioRow(what: string, most: number, { a, b, ratio, spent }: Pairing): Row {
  const wall = `${spread(ratio, 2)}; ${spread(a, 0)} ms against ${spread(b, 0)} ms`;
  // Which a busy machine spoils less.
  const processor =
    spent === null
      ? ''
      : `\n    processor time: ${(spent.a / spent.b).toFixed(2)}; ${spent.a.toFixed(0)} ms against ${spent.b.toFixed(0)} ms`;
  const came = `${wall}${processor}`;
  return { what, target: `at most ${most}`, came, isMet: ratio.median <= most };
}

export function wallRow(what: string, most: number, wall: Figure): Row {
  return { what, target: `at most ${most} ms`, came: `${spread(wall, 0)} ms`, isMet: wall.median <= most };
}

export function missingRow(what: string, target: string, why: string): Row {
  return { what, target, came: `not measured: ${why}`, isMet: null };
}

export function spread({ median, low, high }: Figure, digits: number): string {
  const text = (value: number): string => value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${text(median)} (${text(low)}–${text(high)})`;
}

export function printRow({ what, target, came, isMet }: Row): string {
  const verdict = isMet === null ? '' : isMet ? ': met' : ': NOT MET';
  return `${what}\n    ${came}\n    target: ${target}${verdict}\n`;
}
