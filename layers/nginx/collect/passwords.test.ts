import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { md5Base64Url, verifyPassword } from './passwords.ts';

describe('verifyPassword', () => {
  it.each([
    ['{PLAIN}secret', 'secret'],
    ['{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=', 'secret'],
  ])('knows that %s fits its password', (stored, password) => {
    expect(verifyPassword(stored, password)).toBe(true);
    expect(verifyPassword(stored, `${password}x`)).toBe(false);
  });

  it('does not claim to know forms that only crypt(3) reads', () => {
    expect(verifyPassword('$6$salt$hash', 'secret')).toBeNull();
    expect(verifyPassword('abJnggxhB/yWI', 'secret')).toBeNull();
  });

  for (const password of ['', 'a', 'secret', 'a much longer pass phrase than sixteen bytes', 'p\u00e4ss']) {
    for (const form of ['-apr1', '-1'] as const) {
      const made = spawnSync('openssl', ['passwd', form, '-salt', 'saltsalt', '-stdin'], {
        input: Buffer.from(`${password}\n`, 'latin1'),
        encoding: 'latin1',
      });
      it.skipIf(made.status !== 0)(`agrees with openssl passwd ${form} on ${JSON.stringify(password)}`, () => {
        expect(verifyPassword(made.stdout.trim(), password)).toBe(true);
        expect(verifyPassword(made.stdout.trim(), `${password}.`)).toBe(false);
      });
    }
  }
});

describe('md5Base64Url', () => {
  it('has no padding and no letters that a URL would escape', () => {
    expect(md5Base64Url('')).toBe('1B2M2Y8AsgTpgAmY7PhCfg');
  });
});
