import type { Some } from '@why403/decision';

/** A seeded source of choices: the same seed gives the same choices, on every machine. */
export interface Random {
  /** A fraction from 0 up to, not including, 1. */
  next(): number;
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<T>(from: Some<T>): T;
  /** Each entry comes up in proportion to its weight. */
  weighed<T>(from: Some<readonly [weight: number, value: T]>): T;
  /** Each entry by itself stays with this probability; the order is kept. */
  some<T>(from: readonly T[], probability: number): T[];
  shuffled<T>(from: readonly T[]): T[];
}

export function random(seed: string): Random {
  let state = hash(seed);
  // Mulberry32, by Tommy Ettinger, in the public domain: small, and good enough to choose test cases.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const shuffled = <T>(from: readonly T[]): T[] => {
    const left = [...from];
    const out: T[] = [];
    while (left.length > 0) out.push(...left.splice(below(left.length), 1));
    return out;
  };
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (from) => from[below(from.length)] ?? from[0],
    weighed: (from) => {
      let left = next() * from.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, value] of from) {
        left -= weight;
        if (left < 0) return value;
      }
      return from[0][1];
    },
    some: (from, probability) => from.filter(() => next() < probability),
    shuffled,
  };
}

/** FNV-1a, to make a state of any text. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value | 0;
}
