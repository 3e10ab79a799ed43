import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSafeForTerminal, terminalBlock, terminalLine } from './index.ts';

test.each([
  ['\x1b[31mred\x1b[0m', '\\x1b[31mred\\x1b[0m'],
  ['\x9b2J', '\\x9b2J'],
  ['a\u202Etxt.exe', 'a\\u202etxt.exe'],
  ['half \ud800 pair', 'half \\ud800 pair'],
  ['zero\u200Bwidth', 'zero\\u200bwidth'],
  ['tag\u{E0041}', 'tag\\u{e0041}'],
  ['one\ntwo\r\tthree\u2028four', 'one\\ntwo\\r\\tthree\\u2028four'],
  ['location ~ \\.php$ { } naïve 日本 😀', 'location ~ \\.php$ { } naïve 日本 😀'],
])('%j is shown as %j', (text, shown) => {
  expect(terminalLine(text)).toBe(shown);
});

test('a block keeps its lines and tabs', () => {
  expect(terminalBlock('a\r\n\tb\x07\rc')).toBe('a\n\tb\\x07\\rc');
});

test('nothing unsafe is left, whatever comes in, and safe text is not touched', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(isSafeForTerminal(terminalLine(text))).toBe(true);
      expect(isSafeForTerminal(terminalBlock(text).replace(/[\n\t]/g, ''))).toBe(true);
      if (isSafeForTerminal(text)) expect(terminalLine(text)).toBe(text);
    }),
  );
});
