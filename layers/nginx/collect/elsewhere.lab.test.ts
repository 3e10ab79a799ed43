import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { viewOfProcess } from '@why403/filesystem/collect';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasNginx, NGINX } from '../lab/server.ts';
import { isRoot } from '../lab/tree.ts';
import { markLogs, readTail } from './logs.ts';
import { childrenOf } from './proc.ts';
import { examineProcess } from './process.ts';
import { readConfiguration } from './read-configuration.ts';

const canUnshare = isRoot && spawnSync('unshare', ['--mount', 'true']).status === 0;

let folder = '';
let server: ChildProcess | undefined;

/** An nginx in a mount namespace in which `etc` and the account file are others than outside. */
beforeAll(async () => {
  if (!hasNginx || !canUnshare) return;
  folder = mkdtempSync(join(tmpdir(), 'why403-elsewhere-'));
  chmodSync(folder, 0o755);
  for (const name of ['etc', 'inside']) mkdirSync(join(folder, name));
  const main = (say: string): string =>
    `user visitor; pid ${folder}/pid; error_log ${folder}/etc/error.log; events {} http { access_log off; include site; } # ${say}\n`;
  writeFileSync(join(folder, 'etc', 'nginx.conf'), main('outside'));
  writeFileSync(join(folder, 'etc', 'site'), 'outside;');
  writeFileSync(join(folder, 'inside', 'nginx.conf'), main('inside'));
  writeFileSync(join(folder, 'inside', 'real-site'), `server { listen unix:${folder}/socket; return 200; }`);
  // Absolute, so that it leads to the file inside only when it is followed inside.
  symlinkSync(join(folder, 'etc', 'real-site'), join(folder, 'inside', 'site'));
  writeFileSync(join(folder, 'passwd'), 'root:x:0:0::/:/bin/sh\nvisitor:x:54321:54322::/:/bin/sh\n');
  writeFileSync(join(folder, 'group'), 'root:x:0:\nvisitor:x:54322:\nfriends:x:54323:visitor\n');
  const script = [
    `mount --bind ${folder}/inside ${folder}/etc`,
    `mount --bind ${folder}/passwd /etc/passwd`,
    `mount --bind ${folder}/group /etc/group`,
    `exec ${NGINX} -p ${folder} -c etc/nginx.conf -e ${folder}/startup.log -g 'daemon off;'`,
  ].join(' && ');
  server = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script], { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  server.stderr?.setEncoding('latin1').on('data', (text: string) => {
    output += text;
  });
  const deadline = Date.now() + 10_000;
  while (!existsSync(join(folder, 'socket')) || childrenOf(server.pid ?? 0).length === 0) {
    if (server.exitCode !== null || Date.now() > deadline) throw new Error(`nginx did not start: ${output}`);
    await pause(5);
  }
});

afterAll(async () => {
  if (server !== undefined && server.exitCode === null) {
    const gone = once(server, 'exit');
    server.kill('SIGTERM');
    await gone;
  }
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!hasNginx || !canUnshare)('an nginx in another mount namespace', () => {
  it('is seen as it sees itself: configuration, account and logs', async () => {
    const pid = server?.pid ?? 0;
    const found = await examineProcess({
      address: '127.0.0.1',
      port: 80,
      pid,
      executable: NGINX,
      argv: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'),
      workingDirectory: null,
      uid: 0,
      root: `/proc/${pid}/root`,
      elsewhere: { mount: true, network: false },
      startedAt: null,
    });
    expect(found).toMatchObject({
      view: { root: `/proc/${pid}/root` },
      main: `${folder}/etc/nginx.conf`,
      prefix: `${folder}/`,
      identity: { user: 'visitor', uid: 54321, gid: 54322 },
      blind: [],
    });
    expect(found?.identity?.groups).toContain(54323);
    expect(found?.build?.version).toMatch(/^\d+\./);
  });

  it('has its configuration read through its root, links and all', () => {
    const view = viewOfProcess(server?.pid ?? 0);
    const reading = readConfiguration({ view, main: `${folder}/etc/nginx.conf`, prefix: `${folder}/` });
    expect(reading.state).toBe('read');
    const files = reading.state === 'read' ? reading.configuration.files : new Map();
    expect(files.get(`${folder}/etc/nginx.conf`)?.text).toContain('# inside');
    expect(files.get(`${folder}/etc/site`)).toMatchObject({ real: `${folder}/etc/real-site`, text: expect.stringContaining('return 200') });
    using mark = markLogs(view, [`${folder}/etc/error.log`]);
    expect(mark.blind).toEqual([]);
    expect(readTail(view, [`${folder}/etc/error.log`]).blind).toEqual([]);
  });
});
