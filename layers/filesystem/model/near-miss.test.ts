import { describe, expect, it } from 'vitest';
import { editDistance, nearMisses } from './near-miss.ts';
import { treeOf } from './tree-spec.ts';

const tree = treeOf({
  '/w/Index.html': '-rw-r--r-- root root',
  '/w/about.htm': '-rw-r--r-- root root',
  '/w/my file.txt': '-rw-r--r-- root root',
  '/w/images/logo.png': '-rw-r--r-- root root',
  '/w/caf\u00e9': '-rw-r--r-- root root',
});

function kinds(path: string): readonly string[] | null {
  return nearMisses(tree, path)?.map((one) => `${one.kind} ${one.path}`) ?? null;
}

describe('near misses', () => {
  it('finds another letter case', () => expect(kinds('/w/index.html')).toEqual(['letter-case /w/Index.html']));
  it('finds another extension', () => expect(kinds('/w/about.html')).toEqual(['extension /w/about.htm']));
  it('finds a name encoded once too often', () => expect(kinds('/w/my%20file.txt')).toEqual(['percent-encoding /w/my file.txt']));
  it('finds a plus for a space', () => expect(kinds('/w/my+file.txt')).toEqual(['percent-encoding /w/my file.txt']));
  it('finds a slip of the keys in a directory on the way', () => expect(kinds('/w/imgaes/logo.png')).toEqual(['similar-name /w/images']));
  it('finds a name of other Unicode characters', () => expect(kinds('/w/cafe\u0301')).toEqual(['unicode-form /w/caf\u00e9']));
  it('tells a slash behind a file', () => expect(kinds('/w/about.htm/')).toEqual(['trailing-slash /w/about.htm']));
  it('is silent about what exists and what is far off', () => {
    expect(kinds('/w/about.htm')).toEqual([]);
    expect(kinds('/w/zzzzzz')).toEqual([]);
  });
  it('says null when the listing is unseen', () => {
    const open = treeOf({ '/w': 'drwxr-xr-x root root', '/w/x': 'absent' }, { world: 'open' });
    expect(nearMisses(open, '/w/x')).toBeNull();
    expect(open.wanted.listings).toEqual(['/w']);
  });
});

describe('edit distance', () => {
  it('counts a swap as one', () => expect(editDistance('imgaes', 'images', 2)).toBe(1));
  it('gives up beyond the limit', () => expect(editDistance('abcdef', 'uvwxyz', 2)).toBe(3));
});
