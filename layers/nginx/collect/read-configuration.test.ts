import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { viewOfCopy } from '@why403/filesystem/collect';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Directive } from '../model/syntax/index.ts';
import { type ConfigurationReading, type ConfigurationSource, readConfiguration } from './read-configuration.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'why403-read-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

function read(more: Partial<ConfigurationSource> = {}): ConfigurationReading {
  return readConfiguration({ view: viewOfCopy(root), main: '/etc/nginx/nginx.conf', prefix: '/usr/share/nginx', ...more });
}

/** Permissions mean nothing to root, so that the deed is done as nobody. */
function asOrdinaryUser<T>(deed: () => T): T {
  if (process.getuid?.() !== 0) return deed();
  process.seteuid?.(65_534);
  try {
    return deed();
  } finally {
    process.seteuid?.(0);
  }
}

function names(reading: ConfigurationReading): readonly string[] {
  if (reading.state !== 'read') throw new Error(JSON.stringify(reading));
  const all = (list: readonly Directive[]): string[] => list.flatMap((directive) => [directive.name, ...all(directive.block ?? [])]);
  return all(reading.configuration.directives);
}

describe('readConfiguration', () => {
  it('follows includes relative to the main file, by pattern, in byte order, without hidden files', () => {
    write('etc/nginx/nginx.conf', 'http { include conf.d/*.conf; include snippets/one; }');
    for (const name of ['b.conf', 'a.conf', 'B.conf', '.hidden.conf', 'c.txt'])
      write(`etc/nginx/conf.d/${name}`, `${name.replace(/\W/g, '_')};`);
    write('etc/nginx/snippets/one', 'one;');
    expect(names(read())).toEqual(['http', 'B_conf', 'a_conf', 'b_conf', 'one']);
  });

  it('keeps links inside the view, and names the real file', () => {
    write('etc/nginx/nginx.conf', 'include sites-enabled/*;');
    write('etc/nginx/sites-available/site', 'inside;');
    link('etc/nginx/sites-enabled/absolute', '/etc/nginx/sites-available/site');
    link('etc/nginx/sites-enabled/relative', '../sites-available/../sites-available/site');
    link('etc/nginx/sites-enabled/upwards', '../../../../../../../../../etc/nginx/sites-available/site');
    const reading = read();
    expect(names(reading)).toEqual(['inside', 'inside', 'inside']);
    expect(reading.state === 'read' ? [...reading.configuration.files.values()].map((file) => file.real) : []).toEqual([
      '/etc/nginx/nginx.conf',
      ...Array.from({ length: 3 }, () => '/etc/nginx/sites-available/site'),
    ]);
  });

  it('passes a pattern without a match, and stops at a missing file as nginx does', () => {
    write('etc/nginx/nginx.conf', 'include none/*.conf;\ninclude none;');
    expect(read()).toMatchObject({
      state: 'invalid',
      error: {
        message: 'open() "/etc/nginx/none" failed (2: No such file or directory)',
        place: { file: '/etc/nginx/nginx.conf', line: 2 },
      },
    });
  });

  it('in a partial copy, leaves open what a missing file holds', () => {
    write('etc/nginx/nginx.conf', 'a; include none; b;');
    const reading = read({ tree: 'partial' });
    expect(names(reading)).toEqual(['a', 'b']);
    expect(reading).toMatchObject({ configuration: { unread: [{ path: '/etc/nginx/none', why: 'No such file or directory' }] } });
  });

  it('names the place of wrong syntax in an included file', () => {
    write('etc/nginx/nginx.conf', 'http { include site; }');
    write('etc/nginx/site', 'server {\n  deny all\n}\n');
    expect(read()).toMatchObject({ state: 'invalid', error: { message: 'unexpected "}"', place: { file: '/etc/nginx/site', line: 3 } } });
  });

  it('names a dangling link, a loop of links and a directory as nginx does', () => {
    write('etc/nginx/nginx.conf', 'include sites/*;');
    link('etc/nginx/sites/gone', '/nowhere');
    expect(read()).toMatchObject({ error: { message: 'open() "/etc/nginx/sites/gone" failed (2: No such file or directory)' } });
    write('etc/nginx/nginx.conf', 'include loop;');
    link('etc/nginx/loop', 'loop');
    expect(read()).toMatchObject({ error: { message: 'open() "/etc/nginx/loop" failed (40: Too many levels of symbolic links)' } });
    write('etc/nginx/nginx.conf', 'include sites;');
    expect(read()).toMatchObject({ error: { message: 'pread() "/etc/nginx/sites" failed (21: Is a directory)' } });
  });

  it('finds a cycle', () => {
    write('etc/nginx/nginx.conf', 'include a.conf;');
    write('etc/nginx/a.conf', '\ninclude *.conf;');
    expect(read()).toMatchObject({
      state: 'invalid',
      error: { message: expect.stringMatching(/^cyclic include: /), place: { file: '/etc/nginx/a.conf', line: 2 } },
    });
  });

  it('reads no more than it was allowed to', () => {
    write('etc/nginx/nginx.conf', 'a; include big; include small; include other;');
    write('etc/nginx/big', `# ${'x'.repeat(3000)}\nb;`);
    write('etc/nginx/small', 'c;');
    write('etc/nginx/other', 'd;');
    expect(names(read({ limits: { file: 1000 } }))).toEqual(['a', 'c', 'd']);
    expect(names(read({ limits: { files: 2 } }))).toEqual(['a', 'b']);
    expect(read({ limits: { file: 1000 } })).toMatchObject({
      configuration: { unread: [{ path: '/etc/nginx/big', why: expect.stringContaining('3005 bytes') }] },
    });
  });

  it('says that the main file is missing', () => {
    expect(read()).toEqual({ state: 'unreadable', path: '/etc/nginx/nginx.conf', code: 'ENOENT', why: 'No such file or directory' });
  });

  it('keeps bytes that are not UTF-8, and a byte order mark', () => {
    write('etc/nginx/nginx.conf', Buffer.from('include a; include b;'));
    write('etc/nginx/a', Buffer.from('# caf\xe9\na "\xff";', 'latin1'));
    write('etc/nginx/b', '\ufeffb;');
    const reading = read();
    expect(names(reading)).toEqual(['a', '\ufeffb']);
    expect(reading.state === 'read' ? reading.configuration.files.get('/etc/nginx/a') : null).toMatchObject({
      encoding: 'latin1',
      text: '# caf\xe9\na "\xff";',
    });
  });

  it('puts the directives of the command line first', () => {
    write('etc/nginx/nginx.conf', 'a;');
    const reading = read({ globals: 'user www-data; daemon off;' });
    expect(names(reading)).toEqual(['user', 'daemon', 'a']);
    expect(reading).toMatchObject({ configuration: { directives: [{ place: { file: 'the command line (-g)' } }, {}, {}] } });
  });

  it.skipIf(process.getuid?.() === 0 && process.seteuid === undefined)('leaves open what it may not read, and what it may not list', () => {
    write('etc/nginx/nginx.conf', 'a; include closed.conf; include closed/*; b;');
    write('etc/nginx/closed.conf', 'c;');
    write('etc/nginx/closed/d', 'd;');
    for (const path of ['', 'etc', 'etc/nginx']) chmodSync(join(root, path), 0o755);
    for (const path of ['closed.conf', 'closed']) chmodSync(join(root, 'etc/nginx', path), 0);
    const reading = asOrdinaryUser(() => read());
    chmodSync(join(root, 'etc/nginx/closed'), 0o700);
    expect(names(reading)).toEqual(['a', 'b']);
    expect(reading).toMatchObject({
      configuration: {
        unread: [
          { path: '/etc/nginx/closed.conf', why: 'Permission denied', place: { line: 1 } },
          { path: 'closed/*', why: 'the directory /etc/nginx/closed/ could not be listed: Permission denied' },
        ],
      },
    });
  });

  it('tells when files, links to them, and searched directories changed', () => {
    write('etc/nginx/nginx.conf', 'include sites/*;');
    write('etc/nginx/available/site', 'a;');
    link('etc/nginx/sites/site', '../available/site');
    for (const path of ['nginx.conf', 'available/site', 'sites']) utimesSync(join(root, 'etc/nginx', path), 1000, 1000);
    const reading = read();
    const times = reading.state === 'read' ? reading.times : [];
    expect(times.map(({ path, modifiedAt }) => [path, modifiedAt === 1_000_000])).toEqual([
      ['/etc/nginx/nginx.conf', true],
      ['/etc/nginx/sites/', true],
      ['/etc/nginx/sites/site', false],
    ]);
  });
});
