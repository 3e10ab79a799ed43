import { describe, expect, it } from 'vitest';
import { Buffers } from './buffers.ts';

const SIZES = { first: 1024, large: 2048, count: 2 };

describe('the buffers of the first lines', () => {
  it('take what fits into the first one, however small the large ones are', () => {
    expect(new Buffers(1024).take(1000, { ...SIZES, large: 100 })).toBe(true);
  });

  it('move a line that is cut off to a large one', () => {
    const buffers = new Buffers(1024);
    expect([buffers.take(1000, SIZES), buffers.take(1000, SIZES), buffers.take(1000, SIZES)]).toEqual([true, true, true]);
  });

  it('refuse a line longer than a large one', () => {
    expect(new Buffers(1024).take(2049, SIZES)).toBe(false);
  });

  it('refuse when all large ones are in use', () => {
    const buffers = new Buffers(1024);
    expect([1, 2, 3].map(() => buffers.take(2000, SIZES))).toEqual([true, true, false]);
  });
});
