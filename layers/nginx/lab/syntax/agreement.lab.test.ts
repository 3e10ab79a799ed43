import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Word } from '../../model/syntax/ast.ts';
import { readDirective, startReading } from '../../model/syntax/directive-reader.ts';
import { assemble, parse } from '../../model/syntax/index.ts';
import { hasNginx, NGINX } from '../server.ts';

/** A directive that takes any number of any words, which nginx's own have none of. */
const ECHO = '/usr/lib/nginx/modules/ngx_http_echo_module.so';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'why403-syntax-'));
  chmodSync(folder, 0o755);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The first thing nginx says about a configuration, or `ok`; `line` is 0 when it names none. */
async function verdict(path: string): Promise<{ readonly message: string; readonly line: number }> {
  const output = await new Promise<string>((resolve) => {
    execFile(NGINX, ['-t', '-p', folder, '-c', path, '-e', 'stderr'], { encoding: 'utf8' }, (_error, _stdout, stderr) => resolve(stderr));
  });
  const match = /\[emerg\] (?:\d+#\d+: )?([^]*?)(?: in ([^ ]*):(\d+))?\nnginx: (?:configuration|\[|\[emerg)/.exec(output);
  if (match !== null) return { message: match[1] ?? '', line: Number(match[3] ?? 0) };
  return { message: output.includes('test is successful') ? 'ok' : output, line: 0 };
}

function frame(soup: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/t-${name}; `).join('');
  return `load_module ${ECHO}; pid ${folder}/pid; events { } http { access_log off; ${temporary}server { listen 127.0.0.1:1; location / {\n${soup}\n}}}\n`;
}

/** Directives that nginx knows in the soup, and what has to end them. */
const KNOWN = new Map([
  ['echo', 'simple'],
  ['location', 'block'],
]);

/** What nginx should stumble over first, by our reading: a syntax error, or a directive it can't take. */
function expected(text: string): { readonly message: string; readonly line: number } {
  const reader = startReading(text, 'x', 'utf8');
  reader.at = text.indexOf('location / {') + 'location / {'.length;
  for (let depth = 3; ; ) {
    const words: Word[] = [];
    const ending = readDirective(reader, words);
    if (typeof ending === 'object') return { message: ending.message, line: ending.place.line };
    if (ending === 'end')
      return depth === 0 ? { message: 'ok', line: 0 } : { message: 'unexpected end of file, expecting "}"', line: reader.line };
    if (ending === 'close') {
      if (depth === 0) return { message: 'unexpected "}"', line: reader.line };
      depth--;
      continue;
    }
    const name = words[0]?.value ?? '';
    const wanted = KNOWN.get(name);
    if (wanted === undefined) return { message: `unknown directive "${name}"`, line: reader.line };
    if (wanted !== ending) {
      const complaint = wanted === 'block' ? `has no opening "{"` : `is not terminated by ";"`;
      return { message: `directive "${name}" ${complaint}`, line: reader.line };
    }
    if (ending === 'block') depth++;
  }
}

/** What the reader and this test's small model of two directives speak of; the rest isn't about syntax. */
const ABOUT_SYNTAX = /^(?:ok$|unexpected|too long parameter|unknown directive|directive ".*" (?:has no|is not))/s;

const PIECE = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('echo ', 'echo a;\n', 'location ~ x {', '}', ';', ' ', '\n') },
  {
    weight: 3,
    arbitrary: fc.constantFrom('a', '"b c"', "'d;'", '"e\\"f" ', 'g\\ h ', '# i ; {\n', 'j#k ', '\r\n', '\t', '${remote_addr}', '(', ')'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '"',
      "'",
      '\\',
      '$',
      '${',
      '{',
      '\\n',
      'é',
      '\u{1f512}',
      '\ufeff',
      '#',
      'x'.repeat(4090),
      '"'.concat('y'.repeat(4092)),
    ),
  },
);
const SOUP = fc.array(PIECE, { minLength: 1, maxLength: 14 }).map((parts) => parts.join(''));

describe.skipIf(!hasNginx || !existsSync(ECHO))('nginx -t agrees with the parser', () => {
  it('on what is valid, and else on message and line', { timeout: 120_000 }, async () => {
    const soups = fc.sample(SOUP, { numRuns: 400, seed: 403 });
    const random = Date.now();
    soups.push(...BORDERS, ...fc.sample(SOUP, { numRuns: 100, seed: random }));
    let conclusive = 0;
    for (const soup of soups) {
      const text = frame(soup);
      const path = join(folder, 'soup.conf');
      writeFileSync(path, text);
      const said = await verdict(path);
      // A message is cut at 1024 bytes, which takes the line from it.
      if (!ABOUT_SYNTAX.test(said.message) || said.message.length > 900) continue;
      conclusive++;
      const ours = expected(text);
      // nginx cuts a character of several bytes; we don't.
      const comparable = (message: string): string => message.replace(/(unexpected "|too long parameter "x*)\P{ASCII}.*/su, '$1');
      expect({ random, soup, ...ours, message: comparable(ours.message) }).toEqual({
        random,
        soup,
        ...said,
        message: comparable(said.message),
      });
      const parsed = parse(text, path);
      const isSyntax = said.message !== 'ok' && !/^(?:unknown|directive)/.test(said.message);
      expect(isSyntax || said.message === 'ok' ? 'error' in parsed : isSyntax).toBe(isSyntax);
    }
    expect(conclusive / soups.length).toBeGreaterThan(0.6);
  });

  it('on how includes are expanded, and on one that is missing', async () => {
    writeFileSync(join(folder, 'b.part'), 'echo b;');
    writeFileSync(join(folder, 'a.part'), 'echo a;');
    const text = frame('include *.part; include none/*.conf; include missing.conf;');
    const path = join(folder, 'include.conf');
    writeFileSync(path, text);
    const said = await verdict(path);
    expect(said).toMatchObject({ message: `open() "${folder}/missing.conf" failed (2: No such file or directory)`, line: 2 });
    const parsed = parse(text, path);
    if ('error' in parsed) throw new Error(parsed.error.message);
    const result = assemble(path, folder, new Map([[path, parsed.ok]]), (pattern, place) =>
      pattern.includes('*')
        ? { paths: [] }
        : { error: { message: `open() "${folder}/${pattern}" failed (2: No such file or directory)`, place } },
    );
    expect('error' in result && { message: result.error.message, line: result.error.place.line }).toEqual(said);
  });
});

const LUA = '/usr/lib/nginx/modules/ngx_http_lua_module.so';
const LUA_PIECES = '"|\'|\\|{|}|[[|]]|[=[|]=]|--|--[[|--[==[|]==]|\n|x|"a"|\'b\'|"\\""| |a[1]|[=|\\\n|-'.split('|');

describe.skipIf(!hasNginx || !existsSync(LUA))('lua-nginx-module agrees with the parser', () => {
  it('on where a block of Lua ends', async () => {
    const soups = fc.sample(
      fc.array(fc.constantFrom(...LUA_PIECES), { minLength: 1, maxLength: 8 }).map((parts) => parts.join('')),
      { numRuns: 300, seed: 403 },
    );
    for (const soup of soups) {
      const path = join(folder, 'lua.conf');
      const text = frame(`content_by_lua_block {${soup}} deny all;`).replace(
        `load_module ${ECHO}`,
        `load_module /usr/lib/nginx/modules/ndk_http_module.so; load_module ${LUA}`,
      );
      writeFileSync(path, text);
      const said = await verdict(path);
      // Anything else is said after the block was read, of what stands behind it.
      if (!/^(?:ok$|unexpected|Lua code block)/.test(said.message)) continue;
      const parsed = parse(text, path);
      const ours = 'ok' in parsed ? { message: 'ok', line: 0 } : { message: parsed.error.message, line: parsed.error.place.line };
      expect({ soup, ...ours }).toEqual({ soup, ...said });
    }
  });
});

/** Parameters of just the length that still fits nginx's buffer of 4096 bytes, and the next. */
const BORDERS = ['', '"', "'", '#'].flatMap((quote) =>
  [4090, 4091, 4092, 4093, 4094, 4095, 4096, 4097].flatMap((length) =>
    [';', ' ;', '  ;', '\n;', ' a;'].map((after) => {
      const close = quote === '#' ? '\n' : quote;
      return `echo ${quote}${'x'.repeat(length)}${close}${after}`;
    }),
  ),
);
