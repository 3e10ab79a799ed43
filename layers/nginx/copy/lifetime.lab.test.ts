import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Proof } from '@why403/terms/house';
import { afterAll, describe, expect, test } from 'vitest';
import { THIS_MACHINE } from '@why403/filesystem/collect';
import { readConfiguration } from '../collect/read-configuration.ts';
import { hasNginx, startLab } from '../lab/server.ts';
import { isRoot } from '../lab/tree.ts';
import { requestOf, siteOf } from './site.lab-fixture.ts';

// A temporary folder of its own: every trial sweeps, so others running at the same time would tidy up first.
const own = mkdtempSync(join(tmpdir(), 'w403-'));
chmodSync(own, 0o1777);
const usual = process.env['TMPDIR'];
process.env['TMPDIR'] = own;
afterAll(() => {
  if (usual === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = usual;
  rmSync(own, { recursive: true, force: true });
});

const SCRIPT = join(import.meta.dirname, 'trial-process.lab-fixture.ts');

async function until<T>(look: () => T | null | false | undefined): Promise<T> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await pause(2)) {
    const seen = look();
    if (seen !== null && seen !== false && seen !== undefined) return seen;
  }
  throw new Error('waited in vain');
}

function copyOf(pid: number): string | undefined {
  const name = readdirSync(tmpdir()).find((one) => one.startsWith(`why403-copy-${pid}-`));
  return name === undefined ? undefined : join(tmpdir(), name);
}

/** The masters of a copy's servers, once both run. */
function mastersIn(directory: string): readonly number[] | null {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('nginx.pid'));
  const pids = files.map((name) => Number(readFileSync(join(directory, name), 'utf8'))).filter((pid) => pid > 0);
  return pids.length === 2 ? pids : null;
}

/** Ended, whether or not the init of this machine has taken notice. */
function isGone(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return true;
  }
}

function runsAnything(directory: string): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(directory);
    } catch {
      return false;
    }
  });
}

async function startHanging(): Promise<{
  readonly child: ChildProcess;
  readonly pid: number;
  readonly directory: string;
  readonly masters: readonly number[];
}> {
  const child = spawn(process.execPath, [SCRIPT, 'hang'], { stdio: 'inherit' });
  const pid = child.pid ?? 0;
  const directory = await until(() => copyOf(pid));
  const masters = await until(() => mastersIn(directory));
  return { child, pid, directory, masters };
}

describe.skipIf(!hasNginx)('a private copy', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('is gone after %s in the middle', async (signal) => {
    const { child, directory, masters } = await startHanging();
    child.kill(signal);
    const [, by] = await once(child, 'exit');
    expect(by).toBe(signal);
    expect(existsSync(directory)).toBe(false);
    await until(() => masters.every(isGone) && !runsAnything(directory));
  });

  test('does not outlive a killed run, and the next run sweeps its folder', async () => {
    const { child, directory, masters } = await startHanging();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await until(() => masters.every(isGone) && !runsAnything(directory));
    expect(existsSync(directory)).toBe(true);
    const site = siteOf({ http: () => 'server { listen 80; deny all; }' });
    await site.prove(site.question('/'), []);
    expect(existsSync(directory)).toBe(false);
    site.remove();
  });

  test('leaves the folder of another run alone while that runs', async () => {
    const { child, directory } = await startHanging();
    const site = siteOf({ http: () => 'server { listen 80; deny all; }' });
    await site.prove(site.question('/'), []);
    expect(existsSync(directory)).toBe(true);
    child.kill('SIGINT');
    await once(child, 'exit');
    site.remove();
  });

  test('is gone when its trial is aborted', async () => {
    const site = siteOf({
      http: () => 'client_max_body_size 0; server { listen 80; deny all; location /app/ { allow all; proxy_pass http://127.0.0.1:1; } }',
    });
    const abort = new AbortController();
    const proof = site.prove(site.question('/app/', { method: 'POST', bodyLength: 2 ** 30 }), [], { signal: abort.signal });
    const directory = await until(() => copyOf(process.pid));
    await until(() => mastersIn(directory));
    abort.abort(new Error('enough'));
    await expect(proof).rejects.toThrow('enough');
    expect(existsSync(directory)).toBe(false);
    expect(runsAnything(directory)).toBe(false);
    site.remove();
  });

  test('touches nothing of the real server', async () => {
    await using lab = await startLab({
      tree: { 'in/index.html': { type: 'file', text: 'x' } },
      files: { htpasswd: { type: 'file', text: 'a:b' } },
      http: ({
        root,
        port,
        directory,
      }) => `server { listen 127.0.0.1:${port(0)}; root ${root}; auth_basic_user_file ${directory}/htpasswd; location /in/ { deny all; }
        location /up/ { dav_methods PUT DELETE; } }`,
    });
    expect((await lab.get('/in/'))?.status).toBe(403);
    const reading = readConfiguration({ view: THIS_MACHINE, main: lab.configPath, prefix: `${lab.directory}/` });
    if (reading.state !== 'read') throw new Error('the lab has a configuration');
    const site = siteOf({ http: () => '' });
    const { configuration } = reading;
    const text = configuration.files.get(lab.configPath)?.text ?? '';
    const start = text.indexOf('deny all;');
    const trial = site.trial(site.question('/in/', { port: lab.port(0) }), [
      { kind: 'edit', edits: [{ file: lab.configPath, start, end: start + 9, text: '' }] },
      { kind: 'command', argv: ['chmod', '0700', `${lab.root}/in/index.html`] },
      { kind: 'command', argv: ['chmod', '0755', `${lab.root}/in/index.html`] },
    ]);
    const before = snapshot(lab.directory);
    const { prove } = await import('./prove.ts');
    const cells = ['PUT', 'DELETE'].map((method) => ({
      label: method,
      question: site.question('/up/../in/index.html', { method, port: lab.port(0), bodyLength: 3 }),
    }));
    const proof = await prove({ ...trial, server: { ...trial.server, configuration }, cells, request: requestOf });
    expect(proof).toMatchObject({ status: 'proven', by: 'server', before: 403, after: 200, collateral: { checked: 2 } });
    expect(snapshot(lab.directory)).toEqual(before);
    expect(lab.nginx.isAlive()).toBe(true);
    site.remove();
  });

  test.skipIf(!isRoot)('runs for an ordinary user, who is told what could not be played', async () => {
    const run = async (kind: string): Promise<readonly Proof[]> => {
      const child = spawn(
        '/usr/bin/setpriv',
        ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--', process.execPath, SCRIPT, kind],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (more: string) => {
        output += more;
      });
      await once(child, 'close');
      // The fixture prints proofs and nothing else.
      return output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Proof);
    };
    expect(await run('deny')).toMatchObject([
      { status: 'proven', by: 'server', before: 403, after: 200, how: expect.stringContaining('only root') },
    ]);
    // Their own files, under their own worker: the bits are real, and nothing refuses an owner with rwx.
    const [own, others, unfixed] = await run('bits-of-others');
    expect(own).toMatchObject({ by: 'model', how: expect.stringContaining('does not refuse') });
    expect(others).toMatchObject({ by: 'model', how: expect.stringContaining('about permissions') });
    expect(unfixed).toMatchObject({ status: 'refuted', by: 'server', before: 403, after: 403 });
  });
});

/** Everything about every file but when it was last read. */
function snapshot(directory: string): readonly (readonly unknown[])[] {
  return ['', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })].toSorted().map((name) => {
    const { ino, mode, uid, gid, size, mtimeMs, ctimeMs, nlink } = lstatSync(join(directory, name));
    return [name, ino, mode, uid, gid, size, mtimeMs, ctimeMs, nlink];
  });
}
