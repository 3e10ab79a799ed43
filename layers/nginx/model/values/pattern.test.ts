import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, match } from './pattern.ts';

function groups(source: string, text: string, caseless = false): readonly (string | undefined)[] | string {
  const found = match(compilePattern(source, { caseless }), text);
  return found.state === 'matched' ? [...found.groups] : found.state;
}

describe('a pattern', () => {
  it('ends before a final newline with $ and never with \\z', () => {
    expect(groups('a$', 'a\n')).toEqual(['a']);
    expect(groups('a\\z', 'a\n')).toBe('unmatched');
  });

  it('folds ASCII letters only', () => {
    expect(groups('^É$', 'é', true)).toBe('unmatched');
    expect(groups('^straße$', 'STRAßE', true)).toBe('unmatched');
    expect(groups('^abc$', 'AbC', true)).toEqual(['AbC']);
  });

  it('keeps what a group held when a later turn leaves it out', () => {
    expect(groups('^(?:(a)|b)*$', 'ab')).toEqual(['ab', 'a']);
    expect(groups('^(a)?\\1b', 'b')).toBe('unmatched');
  });

  it('gives names to groups, lower case as variables are', () => {
    const found = match(compilePattern('^/(?<User>\\w+)/(?P<rest>.*)?'), '/joe/x');
    expect(found.state === 'matched' && [...found.names]).toEqual([
      ['user', 'joe'],
      ['rest', 'x'],
    ]);
  });

  it('says what it does not support instead of guessing', () => {
    for (const source of [
      '(?R)',
      '(?1)(a)',
      '(a)(?(1)b|c)',
      'a\\Kb',
      '(*ACCEPT)',
      '\\p{L}',
      '\\X',
      '(?|(a)|(b))',
      '(',
      'a**',
      '[b-a]',
      '(?<=a+)b',
      '(?C1)a',
    ]) {
      expect(compilePattern(source).state, source).toBe('unsupported');
      expect(match(compilePattern(source), 'a').state).toBe('unknown');
    }
  });

  it('gives up on what backtracks without end, and soon', () => {
    const text = `${'a'.repeat(60)}!`;
    const began = performance.now();
    for (const source of ['^(a+)+$', '^(a|aa)+$', '^(?:a*)*b$', '(.*)(.*)(.*)(.*)(.*)x$'])
      expect(['unknown', 'unmatched'], source).toContain(groups(source, text));
    expect(groups('^(a|aa)+$', text)).toBe('unknown');
    expect(groups('.*.*.*.*.*.*=', 'x'.repeat(4000))).toBe('unknown');
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('never throws, whatever is written', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[()[\]{}?*+|.^$\\a-c1<>=!:,#&'PQEx-]{0,16}$/), fc.string({ maxLength: 12 }), (source, text) => {
        expect(['matched', 'unmatched', 'unknown']).toContain(match(compilePattern(source), text).state);
      }),
    );
  });
});
