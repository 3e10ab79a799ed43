import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalize, readTarget } from './target.ts';

const uriOf = (raw: string, isMerging = true) => {
  const read = readTarget(raw, isMerging);
  return read.state === 'read' ? read.target.uri : read.state;
};

describe('a request target', () => {
  it.for([
    ['/a/../b', '/b'],
    ['/a/./b', '/a/b'],
    ['/a//b', '/a/b'],
    ['/a/..', '/'],
    ['/a/b/..', '/a/'],
    ['/.', '/'],
    ['/...', '/...'],
    ['/a%2fb', '/a/b'],
    ['/a/%2e%2e/b', '/b'],
    ['/%25%32%66', '/%2f'],
    ['/a%3Fb?c', '/a?b'],
    ['/..', 'invalid'],
    ['/a/../../b', 'invalid'],
    ['/%2e%2e/x', 'invalid'],
    ['/a%00', 'invalid'],
    ['/a%zz', 'invalid'],
    ['/a%4', 'invalid'],
    ['/a b', 'invalid'],
    ['*', 'invalid'],
    ['a', 'invalid'],
    ['http://h/x//y', '/x/y'],
    ['http://h:8080', '/'],
    ['http://h?q', '/'],
    ['http://[::1]:80/x', '/x'],
    ['http://h_h/', 'invalid'],
  ])('%s is %s', ([raw = '', uri = '']) => {
    expect(uriOf(raw)).toBe(uri);
  });

  it('keeps doubled slashes where merge_slashes is off', () => {
    expect(uriOf('/a//b/../c', false)).toBe('/a//c');
  });

  it('ends the arguments at a hash', () => {
    expect(readTarget('/a?b#c', true)).toMatchObject({ target: { uri: '/a', args: 'b' } });
  });

  it('takes the host out of an absolute form', () => {
    expect(readTarget('HTTP://Example.com:80/a?b', true)).toMatchObject({ target: { host: 'Example.com', uri: '/a', args: 'b' } });
  });

  it('normalizes what needs no normalizing to itself', () => {
    const names = fc.array(fc.stringMatching(/^[a-z0-9_~-]{1,8}$/), { maxLength: 5 });
    fc.assert(
      fc.property(names, (parts) => {
        const path = `/${parts.join('/')}`;
        expect(normalize(path, true)).toEqual({ uri: path, args: '' });
      }),
    );
  });

  it('never leaves the root', () => {
    const soup = fc.array(fc.constantFrom('/', '.', '..', '%2e', '%2F', 'a', '//', '?', '%25'), { maxLength: 12 });
    fc.assert(
      fc.property(soup, (parts) => {
        const read = readTarget(`/${parts.join('')}`, true);
        if (read.state === 'invalid') return;
        expect(read.target.uri.startsWith('/')).toBe(true);
        // A `%2e` behind a literal `%25` decodes once only; what is left is never a dot segment.
        expect(read.target.uri.split('/')).not.toContain('..');
      }),
    );
  });
});
