import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { isFault } from '@why403/terms/fault';
import { expect, test } from 'vitest';
import { authorityOf, parseUri, removeDotSegments, resolveReference, targetOf, type Uri } from './index.ts';

const read = (text: string, dotSegments: 'remove' | 'as-is' = 'remove') => parseUri(text, { toAscii: domainToASCII, dotSegments });
function must(text: string): Uri {
  const uri = read(text);
  if (isFault(uri)) throw uri;
  return uri;
}

// Every row was tried with curl 7.88.1 against a listening socket.
test.each([
  ['http://h.example', 'h.example', '/'],
  ['h.example:8080/a', 'h.example:8080', '/a'],
  ['http://h.example?x=1', 'h.example', '/?x=1'],
  ['http://h.example/a/../b/./c', 'h.example', '/b/c'],
  ['http://h.example/a/%2e%2e/b', 'h.example', '/a/%2e%2e/b'],
  ['http://h.example/a/..', 'h.example', '/'],
  ['http://h.example/a?x=/../b', 'h.example', '/a?x=/../b'],
  ['http://h.example/ä', 'h.example', '/%c3%a4'],
  ['http://h.example/?ö', 'h.example', '/?ö'],
  ['http://h.example//a//../b', 'h.example', '//a/b'],
  ['http:/h.example/a', 'h.example', '/a'],
  ['http:///h.example/a', 'h.example', '/a'],
  ['http://127.1:8080/', '127.0.0.1:8080', '/'],
  ['http://0x7f000001/', '127.0.0.1', '/'],
  ['http://2130706433/', '127.0.0.1', '/'],
  ['HTTP://LOCALHOST/Q', 'LOCALHOST', '/Q'],
  ['http://h.example/a#frag', 'h.example', '/a'],
  ['http://h.example/a\\b', 'h.example', '/a\\b'],
  ['http://h.example/a{b}[c]"<>^`|', 'h.example', '/a{b}[c]"<>^`|'],
  ['http://ex%61mple.test/', 'example.test', '/'],
  ['http://münchen.test/', 'xn--mnchen-3ya.test', '/'],
  ['http://[::ffff:127.0.0.1]/', '[::ffff:127.0.0.1]', '/'],
  ['http://h.example/../../etc', 'h.example', '/etc'],
  ['http://h.example/a/.hidden/..b/.../x', 'h.example', '/a/.hidden/..b/.../x'],
  ['http://h.example/a?', 'h.example', '/a?'],
  ['https://h.example:443/%zz', 'h.example', '/%zz'],
])('%s asks %s for %s', (text, authority, target) => {
  const uri = must(text);
  expect([authorityOf(uri), targetOf(uri)]).toEqual([authority, target]);
});

test('with as-is the path stays as written', () => {
  expect(read('http://h/a/../b', 'as-is')).toMatchObject({ path: '/a/../b', pathWritten: null });
  expect(read('http://h/a/../b')).toMatchObject({ path: '/b', pathWritten: '/a/../b' });
});

test('userinfo is decoded, and an IPv6 zone stays with the address but not in Host', () => {
  expect(must('http://user:p%40ss@h/').userinfo).toEqual({ user: 'user', password: 'p@ss' });
  expect(must('http://user@h/').userinfo).toEqual({ user: 'user', password: '' });
  const zoned = must('http://[fe80::1%25lo]:8080/');
  expect([zoned.hostname, authorityOf(zoned)]).toEqual(['fe80::1%lo', '[fe80::1]:8080']);
});

test.each([
  ['', 'url/empty', 1],
  ['http://h/a b', 'url/character', 11],
  [' http://h/', 'url/character', 1],
  ['http://h/a\tb', 'url/character', 11],
  ['http://h/\u0000', 'url/character', 10],
  ['http://h/\ud800', 'url/character', 10],
  ['ftp://h/', 'url/scheme', 1],
  ['localhost:/x', 'url/scheme', 1],
  ['//h/a', 'url/host', 1],
  ['http:///', 'url/host', 9],
  ['http://[::1/x', 'url/host', 8],
  ['http://[::zz]:80/x', 'url/host', 9],
  ['http://a@b@h/', 'url/host', 11],
  ['http://user:pa/ss@h/', 'url/port', 13],
  ['http://h:99999/', 'url/port', 10],
  ['http://h:0/', 'url/port', 10],
  ['http://h:8o/', 'url/port', 10],
  ['http://u%zz@h/', 'url/userinfo', 8],
])('%j is refused as %s at column %d', (text, code, column) => {
  expect(read(text)).toMatchObject({ code, where: { in: 'the URL', column } });
});

test('a fault about the port of user:pa/ss@ does not tell the password', () => {
  const fault = read('http://user:s3cretpassword/x@h/');
  expect(isFault(fault) && !`${fault.message}${fault.hint}`.includes('s3cret')).toBe(true);
});

test.each([
  ['http://o.example/x', 'http://o.example/x'],
  ['//o.example/x', 'http://o.example/x'],
  ['/y?z', 'http://h:81/y?z'],
  ['y', 'http://h:81/a/y'],
  ['../y', 'http://h:81/a/../y'],
  ['?q', 'http://h:81/a/b?q'],
  ['', 'http://h:81/a/b?c'],
])('Location %j leads to %s', (location, url) => {
  expect(resolveReference(must('http://h:81/a/b?c'), location)).toBe(url);
});

test('removing dot segments twice is removing them once, and none is left', () => {
  const path = fc
    .array(fc.constantFrom('', '.', '..', '...', 'a', '%2e'), { minLength: 1, maxLength: 8 })
    .map((parts) => `/${parts.join('/')}`);
  fc.assert(
    fc.property(path, (text) => {
      const once = removeDotSegments(text);
      expect(removeDotSegments(once)).toBe(once);
      expect(once.split('/').some((part) => part === '.' || part === '..')).toBe(false);
    }),
  );
});

test('any text is read or refused with a place', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `http://${text}`),
      ),
      (text) => {
        const uri = read(text);
        if (isFault(uri)) expect(uri.where?.column).toBeGreaterThan(0);
        else expect(targetOf(uri)).toMatch(/^\/[^\p{Cc} ]*$/u);
      },
    ),
  );
});
