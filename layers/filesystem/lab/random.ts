/** Numbers that look random and repeat with their seed (mulberry32). */
export interface Random {
  /** At least 0, less than `below`. */
  int(below: number): number;
  chance(share: number): boolean;
  pick<T>(items: readonly [T, ...T[]]): T;
}

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return { int, chance: (share) => next() < share, pick: (items) => items[int(items.length)] ?? items[0] };
}

/** The seeds of a run: one that stays and one that is new, unless WHY403_SEED names it. */
export function seeds(): readonly number[] {
  const given = process.env['WHY403_SEED'];
  return given === undefined ? [403, Math.floor(Math.random() * 0xffff_ffff)] : [Number(given)];
}
