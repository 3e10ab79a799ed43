import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyEdits, contradict, renderDiff } from './index.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'why403-diff-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function patched(before: string, after: string, encoding: 'utf8' | 'latin1' = 'utf8', hides?: (line: string) => boolean): string {
  const file = join(folder, 'site with space.conf');
  writeFileSync(file, before, encoding);
  execFileSync('patch', ['-p0', '--no-backup-if-mismatch', file], {
    input: Buffer.from(renderDiff(file, before, after, hides), encoding),
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  return readFileSync(file, encoding);
}

const TWENTY = Array.from({ length: 20 }, (_, line) => `line ${line}\n`).join('');

describe('renderDiff', () => {
  it.each([
    ['a changed line', TWENTY, TWENTY.replace('line 7\n', 'line seven\n')],
    ['lines added at the start', TWENTY, `new\n${TWENTY}`],
    ['a line removed', TWENTY, TWENTY.replace('line 3\n', '')],
    ['the end without a newline', 'a;\nb;', 'a;\nb;\nc;'],
    ['a newline added at the end', 'a;\nb;', 'a;\nb;\n'],
    ['an empty file that gets text', '', 'a;\n'],
    ['carriage returns', 'a {\r\n  b;\r\n}\r\n', 'a {\r\n  c;\r\n  b;\r\n}\r\n'],
    ['mixed line ends', 'a;\r\nb;\nc;\r\n', 'a;\r\nb;\nd;\nc;\r\n'],
    ['lines that look like a diff', '--- a\n+++ b\n@@ -1 +1 @@\n', '--- a\n+++ c\n@@ -1 +1 @@\n'],
  ])('applies with patch: %s', (_, before, after) => {
    expect(patched(before, after)).toBe(after);
  });

  it('keeps bytes that are not UTF-8', () => {
    expect(patched('# caf\xe9 \xff\na;\n', '# caf\xe9 \xff\nb;\n', 'latin1')).toBe('# caf\xe9 \xff\nb;\n');
  });

  it('is empty when nothing changes', () => {
    expect(renderDiff('/x', 'a\n', 'a\n')).toBe('');
  });

  it('shows no hidden line beside a change and still applies', () => {
    const hides = (line: string): boolean => /line (5|8|9)$/.test(line);
    const after = TWENTY.replace('line 6\n', 'six\n').replace('line 7\n', 'line 7\nseven and a half\n').replace('line 11\n', '');
    expect(patched(TWENTY, after, 'utf8', hides)).toBe(after);
    expect(renderDiff('/x', TWENTY, after, hides)).not.toMatch(/line (5|8|9)$/m);
  });

  it('applies with patch for any edits, hidden lines or not', () => {
    const texts = fc.array(fc.constantFrom('a', 'b', 'secret', '', 'x\r'), { maxLength: 14 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        // patch removes a file that a diff leaves empty, and can't create one that exists.
        fc.pre(before !== after && after !== '' && before !== '');
        expect(patched(before, after)).toBe(after);
      }),
      { numRuns: 60 },
    );
  });
});

describe('applyEdits', () => {
  it('carries out edits in any order by their offsets in the old text', () => {
    const edits = [
      { start: 6, end: 7, text: 'C' },
      { start: 0, end: 1, text: 'AA' },
      { start: 3, end: 3, text: '<' },
      { start: 3, end: 3, text: '>' },
    ];
    expect(applyEdits('a  b  c', edits)).toBe('AA  <>b  C');
  });

  it('does an edit that two remedies ask for once', () => {
    const edit = { start: 0, end: 2, text: '' };
    expect(applyEdits('a;b;', [edit, { ...edit }])).toBe('b;');
  });

  it('puts what two remedies write into one empty block below each other', () => {
    const fill = (text: string) => ({ file: '/f', start: 3, end: 4, text: `\n  ${text};\n` });
    const edits = [fill('allow ::1'), fill('autoindex on')];
    expect(applyEdits('l {\u0020}', edits)).toBe('l {\n  allow ::1;\n  autoindex on;\n}');
    expect(contradict(edits)).toBe(false);
  });

  it('refuses edits that contradict each other', () => {
    const edits = [
      { file: '/f', start: 0, end: 3, text: 'x' },
      { file: '/f', start: 2, end: 4, text: 'y' },
    ];
    expect(() => applyEdits('abcdef', edits)).toThrow(RangeError);
    expect(contradict(edits)).toBe(true);
    expect(contradict(edits.map((edit, index) => ({ ...edit, file: `/f${index}` })))).toBe(false);
  });
});
