import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Edit, Step } from '@why403/decision';
import { assemble, type Configuration, descendants, parse, type SourceFile } from '../model/syntax/index.ts';
import { patch } from './patch.ts';

function configurationOf(texts: Readonly<Record<string, string>>): Configuration {
  const files = new Map<string, SourceFile>();
  for (const [path, text] of Object.entries(texts)) {
    const parsed = parse(text, path, { real: `/real${path}` });
    if ('error' in parsed) throw new Error(parsed.error.message);
    files.set(path, parsed.ok);
  }
  const assembled = assemble('/main.conf', '/', files, (pattern) => ({ paths: [pattern] }));
  if ('error' in assembled) throw new Error(assembled.error.message);
  return assembled.ok;
}

const steps = (...edits: readonly [Edit, ...Edit[]]): readonly Step[] => [{ kind: 'edit', edits }];

describe('a patched configuration', () => {
  test('has the edit of an included file wherever that is included', () => {
    const configuration = configurationOf({ '/main.conf': 'a { include /i.conf; } b { include /i.conf; }', '/i.conf': 'deny all;' });
    const patched = patch(configuration, steps({ file: '/real/i.conf', start: 5, end: 8, text: '10.0.0.1' }));
    if (!('ok' in patched)) throw new Error(patched.problem);
    expect(patched.ok.configuration.directives.map((one) => one.block?.[0]?.args)).toEqual([['10.0.0.1'], ['10.0.0.1']]);
  });

  test.each([
    ['an edit of a file that is none of its own', { file: '/etc/passwd', start: 0, end: 0, text: 'x' }, '/etc/passwd is not a file'],
    ['an edit that breaks the syntax', { file: '/real/main.conf', start: 0, end: 0, text: '}' }, 'unexpected "}"'],
    ['an edit that leaves the text', { file: '/real/main.conf', start: 900, end: 901, text: '' }, 'leave the text'],
  ])('%s is a problem with a sentence', (_name, edit, sentence) => {
    expect(patch(configurationOf({ '/main.conf': 'a;' }), steps(edit))).toMatchObject({ problem: expect.stringContaining(sentence) });
  });

  test('knows of every directive where it came from', () => {
    const lines = fc.array(fc.constantFrom('a 1;', 'b { c 2; }', '# note', 'd "x y";', ''), { minLength: 1, maxLength: 12 });
    const inserted = fc.constantFrom('new;', 'new { a 1; }', '# more', '\n\n', '');
    fc.assert(
      fc.property(lines, fc.array(fc.tuple(fc.nat(), inserted), { minLength: 1, maxLength: 4 }), (list, insertions) => {
        const text = list.join('\n');
        const starts = list.map((_line, at) => list.slice(0, at).join('\n').length + (at === 0 ? 0 : 1));
        const edits = insertions.map(([at, what]) => {
          const start = starts[at % starts.length] ?? 0;
          return { file: '/real/main.conf', start, end: start, text: `${what}\n` };
        });
        const [first, ...rest] = edits;
        if (first === undefined) return;
        const patched = patch(configurationOf({ '/main.conf': text }), steps(first, ...rest));
        if (!('ok' in patched)) throw new Error(patched.problem);
        const origins = descendants(patched.ok.configuration.directives).map((one) => patched.ok.origin(one));
        const old = descendants(configurationOf({ '/main.conf': text }).directives).map((one) => one.place.start);
        // Each old directive comes back exactly once, and in order.
        expect(origins.flatMap((one) => (one === null ? [] : [one.place.start]))).toEqual(old);
      }),
    );
  });
});
