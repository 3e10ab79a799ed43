import { describe, expect, it } from 'vitest';
import { labOptions } from './lab.ts';

describe('labOptions', () => {
  it('takes its own options out, however they are written, and leaves the rest to vitest', () => {
    expect(labOptions(['--pairs', '200', 'layers/nginx', '--seed=7', '--bail', '1'])).toEqual({
      env: { WHY403_PAIRS: '200', WHY403_SEED: '7' },
      args: ['layers/nginx', '--bail', '1'],
    });
    expect(labOptions([])).toEqual({ env: {}, args: [] });
  });

  it.each([[['--pairs', 'many']], [['--seed']], [['--pairs', '-1']], [['--seed=']]])('says what is wrong with %j', (argv) => {
    expect(labOptions(argv)).toMatch(/^--(pairs|seed) takes a whole number/);
  });
});
