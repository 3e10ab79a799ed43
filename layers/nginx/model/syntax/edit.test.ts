import { applyEdits } from '@why403/terms/diff';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assemble } from './assemble.ts';
import type { Configuration, Directive } from './ast.ts';
import { appendToFile, insertAfter, insertAtEnd, insertAtStart, insertBefore, remove, replace, replaceWord } from './edit.ts';
import { writeWord } from './escape.ts';
import { parse } from './parse.ts';

function configuration(files: Readonly<Record<string, string>>): Configuration {
  const parsed = Object.entries(files).map(([path, text]) => {
    const result = parse(text, path, { real: `/real${path}` });
    if ('error' in result) throw new Error(result.error.message);
    return [path, result.ok] as const;
  });
  const result = assemble('/nginx.conf', '/', new Map(parsed), (path) => ({ paths: [`/${path}`] }));
  if ('error' in result) throw new Error(result.error.message);
  return result.ok;
}

function find(list: readonly Directive[], name: string): Directive {
  const all = (directives: readonly Directive[]): Directive[] => directives.flatMap((d) => [d, ...all(d.block ?? [])]);
  const found = all(list).find((directive) => directive.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

type Change = (configuration: Configuration, directive: Directive) => ReturnType<typeof remove>;

function edited(text: string, name: string, change: Change): string {
  const whole = configuration({ '/nginx.conf': text });
  return applyEdits(text, [change(whole, find(whole.directives, name))]);
}

const put = (
  how: (configuration: Configuration, directive: Directive, text: string) => ReturnType<typeof remove>,
  text = 'new;',
): Change => {
  return (whole, directive) => how(whole, directive, text);
};

describe('edits keep to the file’s layout', () => {
  it.each([
    ['above, with the line’s indentation', 'a {\n  b;\n}\n', 'b', put(insertBefore), 'a {\n  new;\n  b;\n}\n'],
    ['above, on a shared line', 'a { b; c; }', 'c', put(insertBefore), 'a { b; new; c; }'],
    ['below, past a comment', 'a {\n\tb; # why\n}\n', 'b', put(insertAfter), 'a {\n\tb; # why\n\tnew;\n}\n'],
    ['below, on a shared line', 'a { b; c; }', 'b', put(insertAfter), 'a { b; new; c; }'],
    ['below a block', 'a {\n  b {\n  }\n}\n', 'b', put(insertAfter), 'a {\n  b {\n  }\n  new;\n}\n'],
    ['below the last line, which lacks its newline', 'a;', 'a', put(insertAfter), 'a;\nnew;'],
    ['below, where the line begins with something else', 'a { b;\n}\n', 'b', put(insertAfter), 'a { b;\n    new;\n}\n'],
    ['first in a block', 'a {\n  b;\n}\n', 'a', put(insertAtStart), 'a {\n  new;\n  b;\n}\n'],
    ['first in a block with a comment at its brace', 'a { # x\n  b;\n}\n', 'a', put(insertAtStart), 'a { # x\n  new;\n  b;\n}\n'],
    ['first in a block of one line', 'a { b; }\n', 'a', put(insertAtStart), 'a { new; b; }\n'],
    ['first in a tight block', 'a {b;}\n', 'a', put(insertAtStart), 'a { new; b;}\n'],
    ['last in a block', 'x {\n  a {\n    b;\n  }\n}\n', 'a', put(insertAtEnd), 'x {\n  a {\n    b;\n    new;\n  }\n}\n'],
    ['last in a block of one line', 'a { b; }\n', 'a', put(insertAtEnd), 'a { b; new; }\n'],
    ['last in a tight block', 'a {b;}\n', 'a', put(insertAtEnd), 'a {b; new; }\n'],
    ['last, behind a comment', 'a {\n  b;\n  # end\n}\n', 'a', put(insertAtEnd), 'a {\n  b;\n  # end\n  new;\n}\n'],
    ['in an empty block', 'x {\n\ta {}\n}\n', 'a', put(insertAtStart), 'x {\n\ta {\n\t\tnew;\n\t}\n}\n'],
    ['in a block of blank lines', 'a {\n\n}\n', 'a', put(insertAtEnd), 'a {\n    new;\n}\n'],
    ['with carriage returns', 'a {\r\n  b;\r\n}\r\n', 'b', put(insertAfter), 'a {\r\n  b;\r\n  new;\r\n}\r\n'],
    ['a whole block', 'a {\n  b;\n}\n', 'b', put(insertAfter, 'c {\n\td;\n}'), 'a {\n  b;\n  c {\n    d;\n  }\n}\n'],
    ['a whole block on a shared line', 'a { b; }', 'b', put(insertAfter, 'c {\n\td;\n}'), 'a { b; c { d; } }'],
    ['out, with its line and comment', 'a {\n  b; # why\n  c;\n}\n', 'b', remove, 'a {\n  c;\n}\n'],
    ['out of a shared line', 'a { b; c; }', 'b', remove, 'a { c; }'],
    ['out of the end of a shared line', 'a; b;\n', 'b', remove, 'a;\n'],
    ['out, over several lines', 'a;\nb x\n  y;\nc;\n', 'b', remove, 'a;\nc;\n'],
    ['in the place of another', 'a {\n  b c;\n}\n', 'b', put(replace, 'd {\n\te;\n}'), 'a {\n  d {\n    e;\n  }\n}\n'],
  ])('%s', (_, before, name, change, after) => {
    expect(edited(before, name, change)).toBe(after);
  });

  it('fall into the file that was included, named by its real path', () => {
    const whole = configuration({ '/nginx.conf': 'http {\n    include site;\n}\n', '/site': 'server {\n\tdeny all;\n}\n' });
    const edit = insertBefore(whole, find(whole.directives, 'deny'), 'allow ::1;');
    expect(edit).toMatchObject({ file: '/real/site', text: '\tallow ::1;\n', start: 9, end: 9 });
  });

  it('replace a word, and append to a file', () => {
    const whole = configuration({ '/nginx.conf': 'root "/a b";' });
    const word = find(whole.directives, 'root').words[1];
    expect(word).toBeDefined();
    if (word === undefined) return;
    expect(applyEdits('root "/a b";', [replaceWord(whole, word, writeWord('/c d'))])).toBe('root "/c d";');
    expect(applyEdits('root "/a b";', [appendToFile(whole, '/nginx.conf', 'x;')])).toBe('root "/a b";\nx;');
  });

  it('leave a configuration whose other directives are the same', () => {
    const changes = { insertBefore, insertAfter, insertAtStart, insertAtEnd };
    const pieces = fc.array(fc.constantFrom('b;', ' ', '\n', '\t', '{', '}', 'b ', '# c\n', '\r\n', 'd "x";'), { maxLength: 25 });
    const names = (list: readonly Directive[]): unknown[] => list.map((d) => [d.name, ...d.args, names(d.block ?? [])]);
    fc.assert(
      fc.property(
        pieces,
        fc.constantFrom('insertBefore', 'insertAfter', 'insertAtStart', 'insertAtEnd', 'remove'),
        fc.nat(),
        (parts, how, pick) => {
          const text = `a {\n${parts.join('')}\n}`;
          if ('error' in parse(text, '/nginx.conf')) return;
          const whole = configuration({ '/nginx.conf': text });
          const all = (list: readonly Directive[]): Directive[] => list.flatMap((d) => [d, ...all(d.block ?? [])]);
          const wanted = all(whole.directives).filter((d) => (how !== 'insertAtStart' && how !== 'insertAtEnd' ? true : d.block !== null));
          const target = wanted[pick % wanted.length];
          if (target === undefined) return;
          const edit = how === 'remove' ? remove(whole, target) : changes[how](whole, target, 'new;');
          const after = configuration({ '/nginx.conf': applyEdits(text, [edit]) });
          const inserted = all(after.directives).filter((d) => d.name === 'new');
          expect(inserted).toHaveLength(how === 'remove' ? 0 : 1);
          const drop = (list: readonly Directive[], gone: (d: Directive) => boolean): unknown[] =>
            list.filter((d) => !gone(d)).map((d) => [d.name, ...d.args, drop(d.block ?? [], gone)]);
          expect(drop(after.directives, (d) => d.name === 'new')).toEqual(
            how === 'remove' ? drop(whole.directives, (d) => d === target) : names(whole.directives),
          );
        },
      ),
    );
  });
});
