/** Flat pairs of first and last code, ascending and apart: `[48, 57]` is the digits. */
export type Codes = readonly number[];

/** A regular expression as PCRE2 reads it, options already applied to its parts. */
export type Node =
  | { readonly kind: 'codes'; readonly codes: Codes }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'choice'; readonly branches: readonly Node[] }
  | { readonly kind: 'group'; readonly number: number; readonly body: Node }
  | { readonly kind: 'repeat'; readonly body: Node; readonly min: number; readonly max: number; readonly isLazy: boolean }
  | { readonly kind: 'atomic'; readonly body: Node }
  | { readonly kind: 'look'; readonly isAhead: boolean; readonly isNegative: boolean; readonly body: Node }
  | { readonly kind: 'assertion'; readonly at: Assertion }
  | { readonly kind: 'reference'; readonly numbers: readonly number[]; readonly isCaseless: boolean };

/** `end` is the very end; `last-line` also stands before a final newline, as PCRE's `$` does. */
export type Assertion = 'start' | 'end' | 'last-line' | 'line-start' | 'line-end' | 'word-edge' | 'no-word-edge';

/** What a pattern holds besides its tree. */
export interface Parsed {
  readonly root: Node;
  readonly groups: number;
  /** Named groups in order; a name may stand for several groups. */
  readonly names: readonly { readonly name: string; readonly number: number }[];
  /** The subject is UTF-8 text, by `(*UTF8)`; otherwise bytes. */
  readonly isUtf: boolean;
}

/** Something PCRE2 has and this model hasn't, or that PCRE2 itself refuses. */
export class Unsupported extends Error {}

/** Sorts, and joins what touches. */
export function tidy(pairs: readonly (readonly [number, number])[]): Codes {
  const sorted = [...pairs].sort((left, right) => left[0] - right[0]);
  const codes: number[] = [];
  for (const [low, high] of sorted) {
    const last = codes.length - 1;
    const end = codes[last];
    if (end !== undefined && low <= end + 1) codes[last] = Math.max(end, high);
    else codes.push(low, high);
  }
  return codes;
}

export function pairsOf(codes: Codes): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  for (let at = 0; at + 1 < codes.length; at += 2) pairs.push([codes[at] ?? 0, codes[at + 1] ?? 0]);
  return pairs;
}

/** Every code up to `max` that is not among them. */
export function inverted(codes: Codes, max: number): Codes {
  const pairs: [number, number][] = [];
  let next = 0;
  for (const [low, high] of pairsOf(codes)) {
    if (low > next) pairs.push([next, low - 1]);
    next = high + 1;
  }
  if (next <= max) pairs.push([next, max]);
  return tidy(pairs);
}

export function holds(codes: Codes, code: number): boolean {
  for (let at = 0; at + 1 < codes.length; at += 2) {
    if (code < (codes[at] ?? 0)) return false;
    if (code <= (codes[at + 1] ?? 0)) return true;
  }
  return false;
}

export const NEWLINE = 10;
export const DIGIT: Codes = [48, 57];
export const WORD: Codes = [48, 57, 65, 90, 95, 95, 97, 122];
/** Horizontal tab to carriage return, and space (PCRE2 since 10: vertical tab too). */
export const SPACE: Codes = [9, 13, 32, 32];
export const HORIZONTAL: Codes = [9, 9, 32, 32, 160, 160];
export const VERTICAL: Codes = [10, 13, 133, 133];

/** POSIX classes in the C locale. */
export const POSIX: ReadonlyMap<string, Codes> = new Map([
  ['alnum', [48, 57, 65, 90, 97, 122]],
  ['alpha', [65, 90, 97, 122]],
  ['ascii', [0, 127]],
  ['blank', [9, 9, 32, 32]],
  ['cntrl', [0, 31, 127, 127]],
  ['digit', DIGIT],
  ['graph', [33, 126]],
  ['lower', [97, 122]],
  ['print', [32, 126]],
  ['punct', [33, 47, 58, 64, 91, 96, 123, 126]],
  ['space', SPACE],
  ['upper', [65, 90]],
  ['word', WORD],
  ['xdigit', [48, 57, 65, 70, 97, 102]],
]);
