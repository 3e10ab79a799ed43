import { describe, expect, it } from 'vitest';
import { freshness } from './freshness.ts';

const file = (path: string, modifiedAt: number, changedAt = modifiedAt): { path: string; modifiedAt: number; changedAt: number } => ({
  path,
  modifiedAt,
  changedAt,
});

describe('freshness', () => {
  it('is current while nothing changed after the workers started, to a moment', () => {
    expect(freshness(10_000, [file('/a', 5000), file('/b', 10_020)])).toEqual({ state: 'current' });
  });

  it('is stale when content changed later', () => {
    expect(freshness(10_000, [file('/a', 5000), file('/b', 11_000)])).toEqual({
      state: 'stale',
      configuredAt: 10_000,
      late: [{ path: '/b', at: 11_000, by: 'content' }],
    });
  });

  it('is doubtful when only names in a directory or an inode changed', () => {
    expect(freshness(10_000, [file('/a', 5000, 12_000), file('/d/', 11_000)])).toMatchObject({
      state: 'doubtful',
      late: [
        { path: '/a', by: 'inode' },
        { path: '/d/', by: 'names' },
      ],
    });
    // Permissions of a directory don't change what an include finds in it.
    expect(freshness(10_000, [file('/d/', 5000, 11_000)])).toEqual({ state: 'current' });
  });

  it('is unknown without workers', () => {
    expect(freshness(null, [file('/a', 1)])).toMatchObject({ state: 'unknown' });
  });
});
