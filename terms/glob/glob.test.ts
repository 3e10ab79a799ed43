import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { componentMatcher, hasWildcard, literalComponent } from './index.ts';

const NAMES = ['a', 'b', 'ab', 'a.conf', 'b.conf', '.conf', '.a', 'a]', 'a-b', 'a*', 'a[', '10-x', 'Z', 'z', 'a b', '!', '\\', 'é'];
const PATTERNS = [
  '*',
  '*.conf',
  'a*',
  '?',
  '??',
  '[ab]',
  '[!ab]',
  '[^ab]',
  '[a-c]*',
  '[]a]*',
  '[a-]*',
  '[[:digit:]]*',
  '[[:alpha:]]',
  '.*',
  '[.]a',
  'a\\*',
  'a[[]',
  '[z-a]',
];

describe('componentMatcher', () => {
  it('matches what bash’s own matching matches, in the C locale', () => {
    const script = 'for n in "$@"; do case "$n" in $P) printf 1;; *) printf 0;; esac; done';
    for (const pattern of PATTERNS) {
      const bash = execFileSync('bash', ['-c', script, 'bash', ...NAMES], {
        env: { ...process.env, P: pattern, LC_ALL: 'C' },
        encoding: 'utf8',
      });
      const matches = componentMatcher(pattern);
      for (const [index, name] of NAMES.entries()) {
        // `case` knows no leading dots and counts bytes.
        if (name.startsWith('.') || name === 'é') continue;
        expect([pattern, name, matches(name)]).toEqual([pattern, name, bash[index] === '1']);
      }
    }
  });

  it('takes a leading dot only when it is written', () => {
    expect(['*', '?a', '[.]a', '.*', '.a'].map((pattern) => componentMatcher(pattern)('.a'))).toEqual([false, false, false, true, true]);
  });

  it('takes an open bracket for what it is when nothing closes it', () => {
    expect(componentMatcher('a[')('a[')).toBe(true);
    expect(componentMatcher('[a*')('[abc')).toBe(true);
  });
});

it('a pattern has a wildcard, a name may have escapes', () => {
  expect(['a', 'a*', 'a?', 'a[', 'a\\b'].map(hasWildcard)).toEqual([false, true, true, true, false]);
  expect(literalComponent('a\\*b')).toBe('a*b');
});
