import { describe, expect, it } from 'vitest';
import { validateHost } from './host.ts';

describe('a Host', () => {
  it.for([
    ['Example.COM', 'example.com'],
    ['example.com:8080', 'example.com'],
    ['example.com.', 'example.com'],
    ['example.com.:80', 'example.com'],
    ['[::1]:80', '[::1]'],
    ['ex_ample', 'ex_ample'],
    ['.example.com', '.example.com'],
    ['a..b', null],
    ['', null],
    [':80', null],
    ['.', null],
    ['a/b', null],
    ['a b', null],
  ] as const)('%s becomes %s', ([sent, host]) => {
    expect(validateHost(sent)).toBe(host);
  });
});
