import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Step } from '@why403/decision';
import { viewOfProcess } from '@why403/filesystem/collect';
import { describe, expect, test } from 'vitest';
import { readConfiguration } from '../collect/read-configuration.ts';
import { hasNginx, NGINX } from '../lab/server.ts';
import { isRoot } from '../lab/tree.ts';
import { ask } from '../lab/wire.ts';
import { apply } from './apply.ts';

const canUnshare = isRoot && spawnSync('unshare', ['--mount', 'nsenter', '-V']).status === 0;

describe.skipIf(!hasNginx || !canUnshare)('a fix on a server in another mount namespace', () => {
  test('is done on the files that the server sees', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'w403-ns-'));
    chmodSync(folder, 0o755);
    for (const name of ['seen', 'inside', 'inside/www', 'inside/www/in']) mkdirSync(join(folder, name));
    const text = (what: string): string =>
      `user www-data; pid ${folder}/pid; error_log ${folder}/seen/error.log; events {} http { access_log off;
      server { listen unix:${folder}/socket; root ${folder}/seen/www; location /in/ { ${what} } } }`;
    writeFileSync(join(folder, 'seen/nginx.conf'), text('# outside'));
    writeFileSync(join(folder, 'inside/nginx.conf'), text('deny all;'));
    writeFileSync(join(folder, 'inside/www/in/index.html'), '');
    chmodSync(join(folder, 'inside/www/in'), 0o700);
    symlinkSync(`${folder}/seen/www`, join(folder, 'inside/link'));
    const script = `mount --bind ${folder}/inside ${folder}/seen && exec ${NGINX} -p ${folder} -c seen/nginx.conf -e ${folder}/early.log -g 'daemon off;'`;
    const server = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script], { stdio: 'ignore' });
    await expect.poll(() => existsSync(join(folder, 'socket')), { timeout: 10_000, interval: 5 }).toBe(true);
    const pid = server.pid ?? 0;
    const main = `${folder}/seen/nginx.conf`;
    const reading = readConfiguration({ view: viewOfProcess(pid), main, prefix: `${folder}/` });
    if (reading.state !== 'read') throw new Error(JSON.stringify(reading));
    const { configuration } = reading;
    const start = configuration.files.get(main)?.text.indexOf('deny all;') ?? -1;
    const steps = (...argv: readonly [string, ...string[]]): readonly Step[] => [
      { kind: 'edit', edits: [{ file: main, start, end: start + 9, text: 'allow all;' }] },
      { kind: 'command', argv },
    ];
    const doing = (list: readonly Step[]) =>
      apply({
        server: {
          configuration,
          root: `/proc/${pid}/root`,
          executable: NGINX,
          prefix: folder,
          globals: 'daemon off;',
          errorLog: null,
          masterPid: pid,
          errorLogs: [`${folder}/seen/error.log`],
        },
        steps: list,
        ask: async () => (await ask({ path: `${folder}/socket` }, 'GET /in/ HTTP/1.0\r\n\r\n'))?.status ?? null,
        expected: null,
        now: Date.now,
        state: join(folder, 'state'),
      });
    expect(await doing(steps('chmod', 'o+r', `${folder}/seen/www/in`))).toMatchObject({
      status: 'undone',
      says: expect.stringContaining('everything is as it was'),
    });
    expect(await doing(steps('chmod', 'o+x', `${folder}/seen/link/in`))).toMatchObject({
      status: 'undone',
      says: expect.stringContaining('leads through the link'),
    });
    expect(readFileSync(join(folder, 'inside/nginx.conf'), 'utf8')).toBe(text('deny all;'));
    expect(statSync(join(folder, 'inside/www/in')).mode & 0o777).toBe(0o700);
    expect(await doing(steps('chmod', 'o+x', `${folder}/seen/www/in`))).toMatchObject({ status: 'applied' });
    expect(readFileSync(join(folder, 'inside/nginx.conf'), 'utf8')).toBe(text('allow all;'));
    expect(readFileSync(join(folder, 'seen/nginx.conf'), 'utf8')).toBe(text('# outside'));
    const gone = once(server, 'exit');
    server.kill('SIGTERM');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  });
});
