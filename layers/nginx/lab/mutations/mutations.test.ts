import { describe, expect, it } from 'vitest';
import { MUTATIONS } from './list.ts';
import { mutatedText } from './mutate.ts';

describe('mutations of the model', () => {
  it.each(MUTATIONS.map((mutation) => [`${mutation.rule}: ${mutation.believes}`, mutation] as const))(
    '%s has its text exactly once',
    (_, mutation) => {
      expect(mutatedText(mutation)).toContain(mutation.replace);
    },
  );

  it('break every numbered rule of nginx that the model computes', () => {
    const numbers = new Set(MUTATIONS.map(({ rule }) => /^N(\d+)/.exec(rule)?.[1]));
    expect(Array.from({ length: 20 }, (_, index) => String(index + 1)).filter((number) => !numbers.has(number))).toEqual([]);
  });
});
