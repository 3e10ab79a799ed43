import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { hasNginx, isRoot, NGINX } from '@why403/nginx/lab';
import { describe, expect, it } from 'vitest';
import { diagnosed } from './why403.ts';

const canMount = isRoot && spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
const NETWORK = `w403-${process.pid % 10_000}`;
const canNetwork = isRoot && canMakeNetwork();

/** 198.18.0.0/15 is for tests of networks (RFC 2544): nobody's own addresses. */
const [OURS, THEIRS] = [`198.18.${process.pid % 250}.1`, `198.18.${process.pid % 250}.2`];

function ip(...args: readonly string[]): boolean {
  return spawnSync('ip', args).status === 0;
}

function canMakeNetwork(): boolean {
  if (!ip('netns', 'add', NETWORK)) return false;
  const made = ip('link', 'add', `${NETWORK}a`, 'type', 'veth', 'peer', 'name', `${NETWORK}b`);
  ip('link', 'del', `${NETWORK}a`);
  ip('netns', 'del', NETWORK);
  return made;
}

/** Ours has no rule; the other view has another configuration and other files at the very same paths. */
function plant(listen: string): { readonly directory: string; readonly other: string; readonly main: string } {
  const directory = mkdtempSync(join(tmpdir(), 'why403-lab-space-'));
  const other = mkdtempSync(join(tmpdir(), 'why403-lab-other-'));
  const main = join(directory, 'nginx.conf');
  const text = (rule: string): string =>
    `user www-data;\npid ${directory}/nginx.pid;\nerror_log ${directory}/error.log info;\nevents {}\nhttp {\n  access_log ${directory}/access.log;\n  server {\n    listen ${listen};\n    root ${directory}/www;\n    location /private/ {\n      ${rule}\n    }\n  }\n}\n`;
  for (const [place, rule] of [
    [directory, 'allow all;'],
    [other, 'deny all;'],
  ] as const) {
    execFileSync('chmod', ['755', place]);
    mkdirSync(join(place, 'www/private'), { recursive: true });
    writeFileSync(join(place, 'www/private/index.html'), 'ok\n');
    writeFileSync(join(place, 'nginx.conf'), text(rule));
  }
  return { directory, other, main };
}

async function accepts(host: string, port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error('nginx did not start');
    const socket = createConnection({ host, port });
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await pause(10);
    } finally {
      socket.destroy();
    }
  }
}

async function stop(child: ChildProcess, ...directories: readonly string[]): Promise<void> {
  const closed = child.exitCode === null ? once(child, 'close') : null;
  child.kill('SIGTERM');
  await closed;
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
}

const freePort = (): number => 20_000 + ((process.pid * 7) % 20_000);

describe.skipIf(!hasNginx || !canMount)('nginx in another mount namespace', () => {
  it('is diagnosed by its own files, not by ours at the same paths', async () => {
    const port = freePort();
    const { directory, other, main } = plant(`127.0.0.1:${port}`);
    const child = spawn(
      'unshare',
      ['-m', '--propagation', 'private', 'sh', '-c', `mount --bind ${other} ${directory} && exec ${NGINX} -c ${main} -g 'daemon off;'`],
      { stdio: 'ignore' },
    );
    try {
      await accepts('127.0.0.1', port, child);
      const { report, code } = await diagnosed([`http://127.0.0.1:${port}/private/`]);
      const told = JSON.stringify(report, null, 1);
      expect({ code, cause: report.findings[0]?.cause, certainty: report.findings[0]?.certainty }, told).toEqual({
        code: 1,
        cause: 'nginx/deny-rule',
        certainty: 'proven',
      });
      expect(
        report.findings[0]?.evidence.map((one) => one.text),
        told,
      ).toContain('deny all;');
      expect(
        report.findings[0]?.evidence.some((one) => one.file?.endsWith('error.log')),
        'its own log is read',
      ).toBe(true);
      expect(report.fix?.proof, told).toMatchObject({ status: 'proven', before: 403, after: 200 });
      // Nothing of ours was read or changed in its place.
      expect(existsSync(join(directory, 'error.log'))).toBe(false);
      expect(readFileSync(main, 'utf8')).toContain('allow all;');
    } finally {
      await stop(child, directory, other);
    }
  });
});

describe.skipIf(!hasNginx || !canNetwork)('nginx in another network namespace', () => {
  it('is found by its address there, or by a name that --resolve leads there', async () => {
    const { directory, other } = plant('0.0.0.0:80');
    const main = join(other, 'nginx.conf');
    ip('netns', 'add', NETWORK);
    let child: ChildProcess | null = null;
    try {
      ip('link', 'add', `${NETWORK}a`, 'type', 'veth', 'peer', 'name', `${NETWORK}b`);
      ip('link', 'set', `${NETWORK}b`, 'netns', NETWORK);
      ip('addr', 'add', `${OURS}/24`, 'dev', `${NETWORK}a`);
      ip('link', 'set', `${NETWORK}a`, 'up');
      ip('-n', NETWORK, 'addr', 'add', `${THEIRS}/24`, 'dev', `${NETWORK}b`);
      ip('-n', NETWORK, 'link', 'set', `${NETWORK}b`, 'up');
      child = spawn('nsenter', [`--net=/var/run/netns/${NETWORK}`, NGINX, '-c', main, '-g', 'daemon off;'], { stdio: 'ignore' });
      await accepts(THEIRS, 80, child);
      for (const args of [[`http://${THEIRS}/private/`], ['--resolve', `inside.example:80:${THEIRS}`, 'http://inside.example/private/']]) {
        const { report, code } = await diagnosed(args);
        const told = JSON.stringify(report, null, 1);
        expect({ code, cause: report.findings[0]?.cause, certainty: report.findings[0]?.certainty }, told).toEqual({
          code: 1,
          cause: 'nginx/deny-rule',
          certainty: 'proven',
        });
        expect(report.question.client, 'as seen from inside').toBe(OURS);
        expect(report.notes.join('\n'), told).toContain('another network namespace of this machine');
      }
    } finally {
      if (child !== null) await stop(child, directory, other);
      ip('link', 'del', `${NETWORK}a`);
      ip('netns', 'del', NETWORK);
    }
  });

  it('an address that is nobody’s is not said to be here', async () => {
    // Whether anything answers there depends on the network around; who it is, is not known either way.
    const { report } = await diagnosed(['--noproxy', '*', '--max-time', '1', 'http://198.18.255.254:9/']);
    expect(report.findings).toEqual([]);
    expect(report.notes.join('\n')).not.toContain('namespace');
  });
});
