import { describe, expect, it } from 'vitest';
import { type Assembled, assemble, type Inclusion } from './assemble.ts';
import type { Directive } from './ast.ts';
import { parse } from './parse.ts';
import { fullName } from './prefix.ts';

function assembled(files: Readonly<Record<string, string>>, resolve?: (pattern: string) => Inclusion): Assembled {
  const parsed = Object.entries(files).map(([path, text]) => {
    const result = parse(text, path);
    if ('error' in result) throw new Error(result.error.message);
    return [path, result.ok] as const;
  });
  return assemble('/c/nginx.conf', '/p', new Map(parsed), resolve ?? ((pattern) => ({ paths: pattern.split('+') })));
}

function outline(list: readonly Directive[]): unknown[] {
  return list.map((directive) => (directive.block === null ? directive.name : { [directive.name]: outline(directive.block) }));
}

describe('assemble', () => {
  it('puts what files bring in the place of their include, with the parent they have there', () => {
    const result = assembled({ '/c/nginx.conf': 'a; http { b; include x+y; c; }', x: 'server { include z; }', y: 'd;', z: 'e;' });
    if ('error' in result) throw new Error(result.error.message);
    expect(outline(result.ok.directives)).toEqual(['a', { http: ['b', { server: ['e'] }, 'd', 'c'] }]);
    const http = result.ok.directives[1];
    const server = http?.block?.[1];
    expect(server?.parent).toBe(http);
    expect(server?.block?.[0]).toMatchObject({ name: 'e', parent: server, place: { file: 'z' } });
    expect(result.ok.includes.map(({ paths }) => paths)).toEqual([['x', 'y'], ['z']]);
  });

  it('takes a quoted include and one among values, but none in split_clients', () => {
    const result = assembled({ '/c/nginx.conf': '"include" x; map $a $b { include x; } split_clients a $c { include x; }', x: 'v w;' });
    if ('error' in result) throw new Error(result.error.message);
    expect(outline(result.ok.directives)).toEqual(['v', { map: ['v'] }, { split_clients: ['include'] }]);
  });

  it('names a cycle with every include on its way', () => {
    const result = assembled({ '/c/nginx.conf': 'include x;', x: '\ninclude y;', y: 'http {\n\ninclude x; }' });
    expect(result).toMatchObject({ error: { message: 'cyclic include: x → y (from x:2) → x (from y:3)', place: { file: 'y', line: 3 } } });
  });

  it('reads a file twice when it is included twice', () => {
    const result = assembled({ '/c/nginx.conf': 'a { include x; } b { include x; }', x: 'v;' });
    if ('error' in result) throw new Error(result.error.message);
    const [a, b] = result.ok.directives;
    expect(a?.block?.[0]).not.toBe(b?.block?.[0]);
    expect(a?.block?.[0]?.place).toEqual(b?.block?.[0]?.place);
  });

  it('notes what could not be read, and stops where nginx would', () => {
    const files = { '/c/nginx.conf': 'a;\ninclude x;\nb;' };
    expect(assembled(files, () => ({ why: 'Permission denied' }))).toMatchObject({
      ok: { directives: [{ name: 'a' }, { name: 'b' }], unread: [{ path: 'x', why: 'Permission denied', place: { line: 2 } }] },
    });
    expect(assembled(files, () => ({ paths: ['/c/x'], unread: [{ path: '/c/x', why: 'it vanished' }] }))).toMatchObject({
      ok: { unread: [{ path: '/c/x', why: 'it vanished' }] },
    });
    const place = { file: '/c/nginx.conf', line: 2, column: 1, start: 3, end: 10 };
    expect(assembled(files, () => ({ error: { message: 'open() failed', place } }))).toEqual({
      error: { message: 'open() failed', place },
    });
  });
});

it('fullName completes paths as nginx does', () => {
  const where = { main: '/etc/nginx/nginx.conf', prefix: '/usr/share/nginx' };
  expect(fullName(where, 'html', 'prefix')).toBe('/usr/share/nginx/html');
  expect(fullName(where, 'htpasswd', 'conf-prefix')).toBe('/etc/nginx/htpasswd');
  expect(fullName(where, '/srv', 'prefix')).toBe('/srv');
});
