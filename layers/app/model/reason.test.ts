import fc from 'fast-check';
import { expect, test } from 'vitest';
import { excerptOf } from './excerpt.ts';
import { reasonOf } from './reason.ts';
import { serverBehind } from './server-page.ts';

const json = [['Content-Type', 'application/json']] as const;
const html = [['Content-Type', 'text/html']] as const;

test.each([
  ['a member for people', json, '{"message":"nope, not you"}', 'nope, not you'],
  ['problem details', json, '{"title":"Forbidden","detail":"your plan has ended","status":403}', 'your plan has ended'],
  ['an error object', json, '{"error":{"code":"x","message":"role missing"}}', 'role missing'],
  ['a list of errors', json, '{"errors":[{"detail":"no such grant"}]}', 'no such grant'],
  ['a heading', html, '<html><h1>CSRF <b>token</b> missing</h1></html>', 'CSRF token missing'],
  [
    'a paragraph below a bare heading',
    html,
    '<!doctype html><title>403</title><h1>Forbidden</h1><p>Ask ann for access</p>',
    'Ask ann for access',
  ],
  ['plain text', [], 'Blocked host: a.example', 'Blocked host: a.example'],
])('%s gives the reason', (_what, headers, body, words) => {
  expect(reasonOf(headers, body)?.words).toBe(words);
});

test.each([
  ['403 Forbidden'],
  ['Forbidden'],
  ['Access denied.'],
  ['Error 403: Forbidden'],
  ['{"message":"Forbidden"}'],
  ['{"error":"unauthorized"}'],
  ['{"message":"cut o'],
  ['<html><head><title>403 Forbidden</title></head><h1>Access Denied</h1></html>'],
  [''],
  ['x'.repeat(2000)],
])('%s gives none', (body) => {
  expect(reasonOf([], body)).toBeNull();
});

test('a challenge speaks first, but a bare one has nothing to say', () => {
  expect(reasonOf([['WWW-Authenticate', 'Bearer error="invalid_token"']], '{"message":"x y"}')?.words).toBe('invalid_token');
  expect(reasonOf([['WWW-Authenticate', 'Basic realm="x"']], null)).toBeNull();
});

test('no body breaks it', () => {
  fc.assert(fc.property(fc.string(), (body) => (reasonOf([], body)?.words.length ?? 0) <= 300));
});

test('an excerpt is text, whole characters, and short', () => {
  expect(excerptOf([['Content-Type', 'image/png']], 'PNG')).toBeNull();
  expect(excerptOf([], '')).toBeNull();
  expect(excerptOf(json, Buffer.from('„nein“').toString('latin1'))).toBe('„nein“');
  expect(excerptOf([['Content-Type', 'application/problem+json; charset=utf-8']], '{}')).toBe('{}');
  expect(excerptOf(html, 'na\u00efve')).toBe('na\u00efve');
  expect(excerptOf(html, Buffer.from('é'.repeat(5000)).toString('latin1'))).toBe('é'.repeat(2000));
});

test('stock pages are known for whose they are', () => {
  expect(serverBehind('<hr><center>nginx</center>')).toBe('nginx');
  expect(serverBehind('<address>Apache/2.4.62 (Debian) Server at x Port 80</address>')).toBe('Apache');
  expect(serverBehind('RBAC: access denied')).toBe('Envoy');
  expect(serverBehind('<h1>Forbidden</h1>')).toBeNull();
});
