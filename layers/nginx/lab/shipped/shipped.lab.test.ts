import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, print } from '../../model/syntax/index.ts';
import { hasNginx, NGINX } from '../server.ts';

const CACHE = join(import.meta.dirname, '..', '..', '..', '..', '.cache', 'debian');
const listed = readFileSync(join(import.meta.dirname, 'files.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.replace(' ', '/'));

/** Where a file may stand: alone, or included. nginx stops at the first directive that isn't allowed there. */
const CONTEXTS = ['INCLUDE', 'events {} http { INCLUDE }', 'events {} http { server { INCLUDE } }'];

/** What nginx itself says of a file, alone and in each context. */
function nginxSays(file: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'why403-shipped-'));
  const main = join(folder, 'nginx.conf');
  const test = (conf: string): string => spawnSync(NGINX, ['-t', '-c', conf, '-p', folder, '-e', 'stderr'], { encoding: 'latin1' }).stderr;
  try {
    const included = CONTEXTS.map((context) => {
      writeFileSync(main, context.replace('INCLUDE', `include ${file};`));
      return test(main);
    });
    return [test(file), ...included].join('');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('configurations that Debian packages ship', () => {
  it('come from at least 25 packages', () => {
    expect(new Set(listed.map((path) => path.split('/')[0])).size).toBeGreaterThanOrEqual(25);
  });

  it.for(listed)('%s is printed byte for byte as it was read, or as broken as nginx says', (path, { skip }) => {
    const file = join(CACHE, path);
    if (!existsSync(file)) skip('not fetched: npm test does that on Debian');
    const bytes = readFileSync(file);
    const parsed = parse(bytes.toString('latin1'), file, { encoding: 'latin1' });
    if ('ok' in parsed) {
      expect(Buffer.from(print(parsed.ok), 'latin1').equals(bytes)).toBe(true);
      return;
    }
    // One is shipped without its semicolon.
    if (!hasNginx) skip('nginx is not installed, to be asked about a broken file');
    expect(nginxSays(file)).toContain(`${parsed.error.message} in ${file}:${parsed.error.place.line}`);
  });
});
