import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { createRedactor, secretsOfRequest, withKnown } from './index.ts';

const plain = createRedactor((text) => createHmac('sha256', 'a key of this test').update(text).digest('hex'));
const MARK = /\[redacted:[a-z0-9-]+:[0-9+-]+:[0-9a-f]{8}\]/g;
const bare = (text: string): string => text.replace(MARK, '[]');

test('a known value is hidden wherever it stands, a short one only as a word of its own', () => {
  const redactor = withKnown(plain, ['hunter2', 'a-very-long-secret']);
  expect(bare(redactor.text('log: hunter2, hunter22, xa-very-long-secrets'))).toBe('log: [], hunter22, x[]s');
  expect(bare(redactor.target('/dl/hunter2?x=1'))).toBe('/dl/[]?x=1');
  expect(bare(redactor.header('X-Note', 'hunter2'))).toBe('[]');
});

test('one secret keeps its tag, redacting again changes nothing, and words of every day stay', () => {
  const redactor = withKnown(plain, ['hunter2', 'off', 'default', 'Bearer', '8080', '10.0.0.1']);
  const once = redactor.text('/?key=hunter2 then hunter2, default off Bearer 8080 10.0.0.1');
  expect(once).toContain(` then ${redactor.secret('known', 'hunter2')}, default`);
  expect(redactor.text(once)).toBe(once);
  expect(redactor.text('default off 8080 10.0.0.1')).toBe('default off 8080 10.0.0.1');
});

test('what a request carries is known in every form', () => {
  const found = secretsOfRequest(
    [
      ['Authorization', `Basic ${btoa('user:p4ss:word')}`],
      ['Cookie', 'theme=dark; sid=Zq9Zq9'],
      ['X-Api-Key', 'k3yk3yk3y'],
      ['Accept', 'text/html'],
    ],
    '/p?token=a%2Fb%2Fc1&page=2222222',
  );
  expect(found).toEqual([btoa('user:p4ss:word'), 'p4ss:word', 'Zq9Zq9', 'k3yk3yk3y', 'a%2Fb%2Fc1', 'a/b/c1']);
});

test('any known value of distinct length is gone from any text, whatever characters it has', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 12, maxLength: 40, unit: 'grapheme' }), fc.string(), (secret, text) => {
      fc.pre(secret.trim().length >= 12 && !/[\d.:]{12}/.test(secret));
      expect(withKnown(plain, [secret]).text(`${text} ${secret} `)).not.toContain(secret.trim());
    }),
  );
});
