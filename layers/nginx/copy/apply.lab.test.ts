import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Step } from '@why403/decision';
import { THIS_MACHINE } from '@why403/filesystem/collect';
import { afterAll, describe, expect, test } from 'vitest';
import { childrenOf } from '../collect/proc.ts';
import { readConfiguration } from '../collect/read-configuration.ts';
import { hasNginx, type Lab, NGINX, startLab } from '../lab/server.ts';
import { isRoot } from '../lab/tree.ts';
import { type Application, apply, type RunningServer } from './apply.ts';
import { takeLock } from './state-directory.ts';

const state = mkdtempSync(join(tmpdir(), 'why403-state-'));
afterAll(() => rmSync(state, { recursive: true, force: true }));

function runningServer(lab: Lab): RunningServer {
  const reading = readConfiguration({ view: THIS_MACHINE, main: lab.configPath, prefix: `${lab.directory}/` });
  if (reading.state !== 'read') throw new Error(JSON.stringify(reading));
  const errorLog = join(lab.directory, 'error.log');
  return {
    configuration: reading.configuration,
    root: '',
    executable: NGINX,
    prefix: lab.directory,
    globals: 'daemon off;',
    errorLog,
    masterPid: lab.nginx.pid,
    errorLogs: [errorLog],
  };
}

function edit(server: RunningServer, before: string, after: string, file = server.configuration.main): Step {
  const start = server.configuration.files.get(file)?.text.indexOf(before) ?? -1;
  if (start < 0) throw new Error(`${before} is not in ${file}`);
  return { kind: 'edit', edits: [{ file, start, end: start + before.length, text: after }] };
}

function applying(lab: Lab, steps: readonly Step[], more: Partial<Application> = {}) {
  const ask = async (): Promise<number | null> => (await lab.get('/in/'))?.status ?? null;
  return apply({ server: runningServer(lab), steps, ask, expected: null, now: Date.now, state, ...more });
}

const workersOf = (lab: Lab): readonly number[] => childrenOf(lab.nginx.pid).map((child) => child.pid);

const start = () =>
  startLab({
    tree: {
      'in/index.html': { type: 'file', text: 'x' },
      shut: { type: 'directory', mode: 0o750 },
      'shut/index.html': { type: 'file', text: 'x' },
    },
    files: { 'rules/in.conf': { type: 'file', text: '# ours\ndeny all;\n', mode: 0o640 } },
    http: ({ root, port }) => `server { listen 127.0.0.1:${port(0)}; root ${root}; location /in/ { include rules/*; } }`,
  });

describe.skipIf(!hasNginx)('a fix on the real files', () => {
  test('is written, tested, reloaded and asked again', async () => {
    await using lab = await start();
    const rules = join(lab.directory, 'rules/in.conf');
    if (isRoot) execFileSync('setfacl', ['-m', 'u:nobody:r', rules]);
    const acl = isRoot ? execFileSync('getfacl', ['-p', rules], { encoding: 'utf8' }) : '';
    const before = statSync(rules);
    const old = workersOf(lab);
    const applied = await applying(lab, [
      edit(runningServer(lab), 'deny all;', 'allow 127.0.0.1;\ndeny all;', rules),
      { kind: 'command', argv: ['nginx', '-s', 'reload'] },
    ]);
    expect(applied).toMatchObject({ status: 'applied', says: expect.stringContaining('answered 200') });
    expect(readFileSync(rules, 'utf8')).toBe('# ours\nallow 127.0.0.1;\ndeny all;\n');
    const { mode, uid, gid } = statSync(rules);
    expect([mode, uid, gid]).toEqual([before.mode, before.uid, before.gid]);
    if (isRoot) expect(execFileSync('getfacl', ['-p', rules], { encoding: 'utf8' })).toBe(acl);
    expect(readdirSync(join(lab.directory, 'rules'))).toEqual(['in.conf']);
    expect(applied.backups.map((path) => readFileSync(path, 'utf8'))).toEqual(['# ours\ndeny all;\n']);
    expect(lstatSync(applied.backups[0] ?? '').mode & 0o077).toBe(0);
    expect((await lab.get('/in/'))?.status).toBe(200);
    expect(workersOf(lab).some((pid) => old.includes(pid))).toBe(false);
  });

  test('is taken back when the server still refuses', async () => {
    await using lab = await start();
    const server = runningServer(lab);
    const text = readFileSync(lab.configPath, 'utf8');
    const applied = await applying(lab, [edit(server, 'include rules/*;', 'include rules/*; index none;')]);
    expect(applied).toMatchObject({ status: 'undone', says: 'after the change the server answers 403; everything is as it was before' });
    expect(readFileSync(lab.configPath, 'utf8')).toBe(text);
    expect((await lab.get('/in/'))?.status).toBe(403);
  });

  test('is taken back before a reload when nginx -t refuses it', async () => {
    await using lab = await start();
    const old = workersOf(lab);
    const applied = await applying(lab, [edit(runningServer(lab), 'include rules/*;', 'include rules/*; allow nonsense;')]);
    expect(applied).toMatchObject({ status: 'undone', says: expect.stringContaining('invalid parameter "nonsense"') });
    expect(readFileSync(lab.configPath, 'utf8')).toBe(lab.config);
    expect(workersOf(lab)).toEqual(old);
  });

  test('is taken back when the master can not load what passed the test', async () => {
    await using lab = await start();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const applied = await applying(lab, [edit(runningServer(lab), 'listen ', `listen 127.0.0.1:${port}; listen `)]);
    expect(applied).toMatchObject({ status: 'undone', says: expect.stringContaining('kept its old configuration: bind()') });
    expect(readFileSync(lab.configPath, 'utf8')).toBe(lab.config);
    expect((await lab.get('/in/'))?.status).toBe(403);
    taken.close();
  });

  test('does not touch a file that somebody has changed since', async () => {
    await using lab = await start();
    const server = runningServer(lab);
    writeFileSync(lab.configPath, `${lab.config}# later\n`);
    const applied = await applying(lab, [edit(server, 'include rules/*;', '')], { server });
    expect(applied).toMatchObject({ status: 'refused', says: expect.stringContaining('has changed since it was read'), backups: [] });
    expect(readFileSync(lab.configPath, 'utf8')).toBe(`${lab.config}# later\n`);
  });

  test.skipIf(!isRoot)('changes modes and ACLs, and gives them back when that did not help', async () => {
    await using lab = await start();
    const shut = join(lab.root, 'shut');
    execFileSync('setfacl', ['-m', 'u:nobody:rwx', shut]);
    const before = execFileSync('getfacl', ['-p', shut], { encoding: 'utf8' });
    const ask = async (): Promise<number | null> => (await lab.get('/shut/'))?.status ?? null;
    const steps = (...argvs: readonly [string, ...string[]][]): readonly Step[] => argvs.map((argv) => ({ kind: 'command', argv }));
    const made = join(lab.root, 'new/deep');
    const vain = await applying(
      lab,
      steps(
        ['chmod', 'o+r', shut],
        ['setfacl', '-x', 'u:nobody', shut],
        ['chgrp', 'nogroup', shut],
        ['mkdir', '-p', made],
        ['touch', `${made}/file`],
        ['chmod', '-R', 'a+r', join(lab.root, 'in')],
      ),
      { ask },
    );
    expect(vain).toMatchObject({ status: 'undone', says: expect.stringContaining('everything is as it was before') });
    expect(execFileSync('getfacl', ['-p', shut], { encoding: 'utf8' })).toBe(before);
    expect(existsSync(join(lab.root, 'new'))).toBe(false);
    const old = workersOf(lab);
    expect(await applying(lab, steps(['setfacl', '-m', 'u:www-data:x', shut]), { ask })).toMatchObject({ status: 'applied' });
    expect(workersOf(lab)).toEqual(old);
  });

  test('is refused while another is at it, or when a step is not understood', async () => {
    await using lab = await start();
    const server = runningServer(lab);
    const lock = takeLock(state, server.configuration.main);
    expect(await applying(lab, [edit(server, 'include rules/*;', '')])).toMatchObject({
      status: 'refused',
      says: expect.stringContaining('another why403'),
    });
    if ('release' in lock) lock.release();
    expect(await applying(lab, [{ kind: 'command', argv: ['rm', lab.configPath] }])).toMatchObject({ status: 'refused' });
    expect(await applying(lab, [{ kind: 'manual', text: 'call the owner' }])).toMatchObject({ status: 'refused' });
    expect(readFileSync(lab.configPath, 'utf8')).toBe(lab.config);
  });

  test('is taken back when it is interrupted before its answer came', async () => {
    await using lab = await start();
    const script = `
      import { apply } from ${JSON.stringify(join(import.meta.dirname, 'apply.ts'))};
      import { readConfiguration } from ${JSON.stringify(join(import.meta.dirname, '../collect/read-configuration.ts'))};
      const main = ${JSON.stringify(lab.configPath)};
      const { configuration } = readConfiguration({ view: { root: '', name: '' }, main, prefix: ${JSON.stringify(`${lab.directory}/`)} });
      const start = configuration.files.get(main).text.indexOf('include rules/*;');
      await apply({ server: { configuration, root: '', executable: '${NGINX}', prefix: ${JSON.stringify(lab.directory)}, globals: null, errorLog: null, masterPid: ${lab.nginx.pid}, errorLogs: [] },
        steps: [{ kind: 'edit', edits: [{ file: main, start, end: start + 16, text: '' }] }], expected: null, now: Date.now, state: ${JSON.stringify(state)},
        ask: () => new Promise(() => { console.log('asking'); setInterval(() => {}, 1000); }) });`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: import.meta.dirname,
    });
    await once(child.stdout, 'data');
    expect((await lab.get('/in/'))?.status).toBe(200);
    const old = workersOf(lab);
    child.kill('SIGINT');
    await once(child, 'exit');
    expect(readFileSync(lab.configPath, 'utf8')).toBe(lab.config);
    await expect.poll(() => workersOf(lab).some((pid) => old.includes(pid)), { timeout: 10_000, interval: 5 }).toBe(false);
    expect((await lab.get('/in/'))?.status).toBe(403);
  });
});
