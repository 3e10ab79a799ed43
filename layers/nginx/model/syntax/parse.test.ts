import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Directive, SourceFile, Word } from './ast.ts';
import { unescapeWord, writeWord } from './escape.ts';
import { parse } from './parse.ts';
import { print } from './print.ts';

function file(text: string, encoding: 'utf8' | 'latin1' = 'utf8'): SourceFile {
  const parsed = parse(text, '/c', { encoding });
  if ('error' in parsed) throw new Error(`${parsed.error.message} in line ${parsed.error.place.line}`);
  return parsed.ok;
}

function values(text: string): string[] {
  return file(text).directives.flatMap((directive) => directive.words.map((word) => word.value));
}

function error(text: string, encoding: 'utf8' | 'latin1' = 'utf8'): string {
  const parsed = parse(text, '/c', { encoding });
  return 'error' in parsed ? `${parsed.error.message} in line ${parsed.error.place.line}` : 'none';
}

/** Pieces that a configuration is made of, in an order that nobody would write. */
const SOUP = fc
  .array(
    fc.constantFrom(
      ...'a|b c|;|{|}| |\n|\r\n|\t|#|# c\n|"|\'|\\|\\"|$|${|${x}|(|)|é|\u{1f512}|"q"|\'q;\'|x;|y {|\\n|\u0000|--[[|]]|\ufeff'.split('|'),
      'a_by_lua_block {',
    ),
    {
      maxLength: 40,
    },
  )
  .map((parts) => parts.join(''));

describe('words', () => {
  it.each([
    ['quotes count only where a word begins', `a b"c d'e;`, ['a', 'b"c', `d'e`]],
    ['quotes take spaces, semicolons, braces and newlines', `a "b ;{}\n#" 'c"';`, ['a', 'b ;{}\n#', 'c"']],
    ['an escaped quote stays inside', String.raw`a "b\"c" 'd\'e';`, ['a', 'b"c', `d'e`]],
    ['other escapes', String.raw`a \t\r\n \\ \. "\s" b\ c;`, ['a', '\t\r\n', '\\', '\\.', '\\s', 'b\\ c']],
    ['a number sign inside a word is no comment', 'a b#c; # d\n', ['a', 'b#c']],
    ['braces of a variable open no block', 'a ${b}c x${d}; ', ['a', '${b}c', 'x${d}']],
    ['a closing brace inside a word is part of it', 'a b}c;', ['a', 'b}c']],
    ['a word may be empty', `a "";`, ['a', '']],
    ['spaces are blank, tab, CR and LF only', 'a\tb\r\nc\u00a0d;', ['a', 'b', 'c\u00a0d']],
    ['a byte order mark belongs to the first word', '\ufeffuser x;', ['\ufeffuser', 'x']],
  ])('%s', (_, text, expected) => {
    expect(values(text)).toEqual(expected);
  });

  it('begin a new word at the parenthesis behind a quote', () => {
    expect(values(`if $a = "b") { c; }`)).toEqual(['if', '$a', '=', 'b', ')']);
  });

  it('know their place', () => {
    const [server] = file('# c\nserver {\r\n  root "/x";\n}').directives;
    const [root] = server?.block ?? [];
    expect(root?.words[1]).toMatchObject({ raw: '"/x"', value: '/x', place: { line: 3, column: 8, start: 21, end: 25 } });
    expect(server).toMatchObject({ span: { start: 4, end: 28 }, body: { start: 12, end: 27 } });
    expect(root?.parent).toBe(server);
  });

  it('written by writeWord read back the same', () => {
    const value = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('\\', '"', "'", 't', '$', '{', '}', ';', '#', ' ', 'é') }));
    fc.assert(
      fc.property(value, (text) => {
        expect(values(`a ${writeWord(text)};`)).toEqual(['a', text]);
      }),
    );
  });

  it('without a backslash are what they look like', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const plain = text.replaceAll('\\', '');
        expect(unescapeWord(plain)).toBe(plain);
      }),
    );
  });
});

describe('errors are worded and placed as by nginx', () => {
  it.each([
    ['a b', 'unexpected end of file, expecting ";" or "}" in line 1'],
    ['a "b\n\n;', 'unexpected end of file, expecting ";" or "}" in line 3'],
    ['a {\nb;\n', 'unexpected end of file, expecting "}" in line 3'],
    ['a;\n}', 'unexpected "}" in line 2'],
    ['a\n}', 'unexpected "}" in line 2'],
    [';', 'unexpected ";" in line 1'],
    ['{', 'unexpected "{" in line 1'],
    ['a "b"c;', 'unexpected "c" in line 1'],
    ['a "b"é;', 'unexpected "é" in line 1'],
    ['a_by_lua_block {\nif x then {\n', 'unexpected end of file, expecting terminating characters for lua code block in line 2'],
    [
      'a_by_lua_block {\nx = [=[ ]] }',
      'Lua code block missing the closing long bracket "]=]", the inlined Lua code may be too long in line 2',
    ],
  ])('%j', (text, message) => {
    expect(error(text)).toBe(message);
  });

  it('a parameter has to fit into 4096 bytes', () => {
    expect(error(`a\n${'b'.repeat(4095)};`)).toBe('none');
    expect(error(`a\n${'b'.repeat(4096)};`)).toBe('too long parameter "bbbbbbbbbb..." started in line 2');
    expect(error(`a "${'b'.repeat(4095)}";`)).toBe('too long parameter "bbbbbbbbbb..." started in line 1');
    expect(error(`a "${'b'.repeat(4094)}";`)).toBe('none');
    expect(error(`a "${'b'.repeat(5000)};`)).toBe('too long parameter, probably missing terminating """ character in line 1');
    expect(error(`a ${'é'.repeat(2050)};`)).toMatch('too long parameter');
    expect(error(`a ${'é'.repeat(2050)};`, 'latin1')).toBe('none');
    expect(error(`#${'b'.repeat(5000)}\na;`)).toBe('too long parameter "#bbbbbbbbb..." started in line 1');
  });
});

describe('Lua blocks are taken as they stand', () => {
  it.each([
    ['braces nest', 'local a = {1, {2}}'],
    ['braces in strings', `ngx.say("}") ngx.say('}\\'}')`],
    ['braces in comments', '-- }\n --[[ } \n}]] x()'],
    ['braces in long brackets', 'x = [==[ }]] } ]=] ]==]'],
    ['semicolons and quotes', `a = 'it"s'; b = "it's";`],
  ])('%s', (_, lua) => {
    const [location] = file(`location / {\n content_by_lua_block {\n${lua}\n}\n deny all;\n}`).directives;
    const [block, deny] = location?.block ?? [];
    expect(block).toMatchObject({ verbatim: `\n${lua}\n`, block: null });
    expect(deny).toMatchObject({ name: 'deny', place: { line: 4 + lua.split('\n').length } });
  });
});

describe('nothing is lost', () => {
  it('printing gives the text again, and words stand where they say', () => {
    const words = (list: readonly Directive[]): Word[] => list.flatMap((d) => [...d.words, ...words(d.block ?? [])]);
    fc.assert(
      fc.property(SOUP, (text) => {
        const parsed = parse(text, '/c');
        if ('error' in parsed) return;
        expect(print(parsed.ok)).toBe(text);
        for (const { raw, place } of words(parsed.ok.directives)) expect(text.slice(place.start, place.end)).toBe(raw);
      }),
      { numRuns: 2000 },
    );
  });
});
