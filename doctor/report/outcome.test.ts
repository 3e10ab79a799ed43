import { describe, expect, it } from 'vitest';
import { exitCodeOf, outcomeOf } from './outcome.ts';

describe('outcomeOf', () => {
  it.each([
    [200, null, 'allowed'],
    [302, null, 'allowed'],
    [401, null, 'refused'],
    [403, null, 'refused'],
    [404, null, 'failed'],
    [404, 403, 'refused'],
    [200, 403, 'refused'],
    [429, null, 'refused'],
    [451, null, 'refused'],
    [503, null, 'failed'],
  ] as const)('makes %s with %s behind it %s', (status, masked, outcome) => {
    expect(outcomeOf(status, masked === null ? null : { status: masked })).toBe(outcome);
  });
});

describe('a status of the server’s own', () => {
  it('refuses where the server says so', () => {
    expect(outcomeOf(400, { status: 496, refuses: true })).toBe('refused');
    expect(outcomeOf(400, { status: 497 })).toBe('failed');
  });
});

describe('exitCodeOf', () => {
  it('tells a refusal that is explained from one that is not', () => {
    expect(exitCodeOf({ outcome: 'refused', findings: [] })).toBe(3);
    expect(exitCodeOf({ outcome: 'unreachable', findings: [] })).toBe(3);
    expect(exitCodeOf({ outcome: 'allowed', findings: [] })).toBe(0);
    expect(exitCodeOf({ outcome: 'failed', findings: [] })).toBe(0);
  });
});
