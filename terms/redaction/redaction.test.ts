import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRedactor, isSecretHeader, isSecretName } from './index.ts';

const redactor = createRedactor((text) => createHmac('sha256', 'a key of this test').update(text).digest('hex'));
const MARK = /\[redacted:[a-z0-9-]+:[0-9+-]+:[0-9a-f]{8}\]/g;
const bare = (text: string) => text.replace(MARK, '[]');

test.each([
  ['Authorization', 'Bearer abcDEF123', 'Bearer []'],
  ['authorization', 'Basic dXNlcjpwdw==', 'Basic []'],
  ['Authorization', 'rawtoken', '[]'],
  ['Proxy-Authorization', 'Digest username="u", response="r"', 'Digest []'],
  ['Cookie', 'sid=s3cret; theme=dark', 'sid=[]; theme=[]'],
  ['Set-Cookie', 'sid=s3cret; Path=/; HttpOnly', 'sid=[]; Path=/; HttpOnly'],
  ['X-Api-Key', 'hunter2', '[]'],
  ['X-Amz-Security-Token', 'zzz', '[]'],
  ['Ocp-Apim-Subscription-Key', 'zzz', '[]'],
  ['WWW-Authenticate', 'Bearer error="invalid_token"', 'Bearer error="invalid_token"'],
  ['Referer', 'https://a.example/x?token=s3cret&page=2', 'https://a.example/x?token=[]&page=2'],
  ['Location', 'https://u:pw@a.example/', 'https://[]@a.example/'],
  ['X-Forwarded-For', '203.0.113.9', '203.0.113.9'],
])('header %s: %s becomes %s', (name, value, shown) => {
  expect(bare(redactor.header(name, value))).toBe(shown);
});

test.each([
  ['/a?key=v&b=1', '/a?key=[]&b=1'],
  ['/a?X-Amz-Signature=ff00&X-Amz-Credential=AK%2F1&X-Amz-Expires=60', '/a?X-Amz-Signature=[]&X-Amz-Credential=[]&X-Amz-Expires=60'],
  ['/a?access%5Ftoken=v', '/a?access%5Ftoken=[]'],
  ['/a?accessKey=v&monkey=v', '/a?accessKey=[]&monkey=v'],
  ['/s?sv=2020&sig=abc%3D', '/s?sv=2020&sig=[]'],
  ['/plain/path?page=2&sort=name', '/plain/path?page=2&sort=name'],
])('target %s becomes %s', (target, shown) => {
  expect(bare(redactor.target(target))).toBe(shown);
});

test.each([
  ['GET /x HTTP/1.1\nAuthorization: Bearer abc\nHost: a', 'GET /x HTTP/1.1\nAuthorization: Bearer []\nHost: a'],
  ['proxy_set_header Authorization "Basic dXNlcjpwdw==";', 'proxy_set_header Authorization "Basic []";'],
  ['proxy_set_header Authorization $http_authorization;', 'proxy_set_header Authorization $http_authorization;'],
  ['proxy_set_header X-Api-Key hunter2;', 'proxy_set_header X-Api-Key [];'],
  ['{"user":"a","password":"hun\\"ter2"}', '{"user":"a","password":"[]"}'],
  ['token eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl here', 'token [] here'],
  ['key AKIAIOSFODNN7EXAMPLE used', 'key [] used'],
  ['ghp_abcdefghijklmnopqrstuvwxyz0123456789', '[]'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----', '[]'],
  ['no user/password was provided for basic authentication', 'no user/password was provided for basic authentication'],
  ['upstream answered code=403, Bearer token is missing', 'upstream answered code=403, Bearer token is missing'],
  ['limit_req_zone $binary_remote_addr zone=one:10m rate=1r/s;', 'limit_req_zone $binary_remote_addr zone=one:10m rate=1r/s;'],
])('text %j becomes %j', (text, shown) => {
  expect(bare(redactor.text(text))).toBe(shown);
});

test('one secret has one tag wherever it stands, another secret another, and lengths are bands', () => {
  const tag = (text: string) => /:([0-9a-f]{8})\]/.exec(text)?.[1];
  expect(tag(redactor.text('/?token=abcd'))).toBe(tag(redactor.header('X-Api-Key', 'abcd')));
  expect(tag(redactor.text('/?token=abcd'))).not.toBe(tag(redactor.text('/?token=abce')));
  expect(redactor.secret('password', '123456789')).toContain(':9-16:');
  expect(redactor.secret('password', '')).toBe('');
});

test('names are judged by their words', () => {
  expect(['X-Session-Id', 'X-Auth', 'X-Goog-Iap-Jwt-Assertion', 'X-CSRF-Token'].every(isSecretHeader)).toBe(true);
  expect(['Accept', 'X-Auth-Request-User', 'Sec-WebSocket-Key', 'Keep-Alive', 'Authority'].some(isSecretHeader)).toBe(false);
  expect(['client_secret', 'refreshToken', 'x-api-key', 'PHPSESSID'].every(isSecretName)).toBe(true);
  expect(['tokenizer', 'keyboard', 'passport', 'q'].some(isSecretName)).toBe(false);
});

const canary = fc
  .string({ unit: fc.constantFrom(...Array.from('ABCDEFGHJKMNPQRSTUVWXYZ23456789')), minLength: 12, maxLength: 40 })
  .map((text) => `Zq9${text}`);
const plain = fc.string({ maxLength: 30 });

test('a canary in any of its usual places never comes through, and redacting again changes nothing', () => {
  const frames: readonly ((secret: string) => string)[] = [
    (secret) => `/p?token=${secret}`,
    (secret) => `https://user:${secret}@host/`,
    (secret) => `\nAuthorization: Bearer ${secret}`,
    (secret) => `\nCookie: a=1; sid=${secret}`,
    (secret) => `{"api_key": "${secret}"}`,
    (secret) => ` Bearer ${secret}`,
    (secret) => ` sk-proj-${secret}${secret}`,
  ];
  fc.assert(
    fc.property(plain, canary, fc.constantFrom(...frames), plain, (before, secret, frame, after) => {
      const once = redactor.text(`${before} ${frame(secret)} ${after}`);
      expect(once).not.toContain(secret);
      expect(redactor.text(once)).toBe(once);
    }),
    { numRuns: 2000 },
  );
});

test('long hostile text takes time in proportion', () => {
  for (const piece of ['-----BEGIN ', 'eyJ.', 'a=', '"a":"', 'proxy_set_header ', 'http://', 'Bearer ']) {
    const started = performance.now();
    redactor.text(piece.repeat(20_000));
    expect([piece, performance.now() - started < 2_000]).toEqual([piece, true]);
  }
});
