import { describe, expect, it } from 'vitest';
import { site } from '../walk.fixture.ts';
import { parseRanges } from './conditions.ts';

describe('ranges', () => {
  it.for([
    ['0-3', 'partial'],
    ['-5', 'partial'],
    ['5-', 'partial'],
    ['0-3,5-6', 'partial'],
    ['10-', 'unsatisfiable'],
    ['3-1', 'unsatisfiable'],
    ['x', 'unsatisfiable'],
    ['0-3,x', 'unsatisfiable'],
    ['0-9,0-9', 'ignored'],
    ['0-,5-', 'ignored'],
  ] as const)('%s of ten bytes is %s', ([text, verdict]) => {
    expect(parseRanges(text, 10, Infinity)).toBe(verdict);
  });
});

describe('conditions of a request', () => {
  const files = site('server { listen 80; root /srv; location /say { return 200 x; } }', { '/srv/a': '-rw-r--r-- root root' });
  const ask = (target: string, name: string, value: string) => files.status(target, { headers: [[name, value]] });

  it('are settled where the tag or date can not be the file’s', () => {
    expect(ask('/a', 'If-None-Match', '"abc"')).toBe(200);
    expect(ask('/a', 'If-Match', '"abc"')).toBe(412);
    expect(ask('/a', 'If-None-Match', '*')).toBe(304);
    expect(ask('/a', 'If-Modified-Since', 'yesterday')).toBe(200);
  });

  it('are not known where they hang on the modification time', () => {
    expect(ask('/a', 'If-Modified-Since', 'Thu, 01 Jan 2099 00:00:00 GMT')).toBeNull();
  });

  it('fail for what has neither time nor tag', () => {
    expect(ask('/say', 'If-Unmodified-Since', 'Thu, 01 Jan 2099 00:00:00 GMT')).toBe(412);
    expect(ask('/say', 'If-Modified-Since', 'Thu, 01 Jan 2099 00:00:00 GMT')).toBe(200);
  });
});
