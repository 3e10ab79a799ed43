import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hasNginx, isRoot, type Lab, startLab } from '@why403/nginx/lab';
import { afterAll, describe, expect, it } from 'vitest';
import { expectFault } from './clear.ts';
import { duringProof } from './during.ts';
import { BIN, why403 } from './why403.ts';

/** Locks and backups go here. */
const state = mkdtempSync(join(tmpdir(), 'why403-lab-state-'));
afterAll(() => rmSync(state, { recursive: true, force: true }));

function startSite(server: string, tree: Parameters<typeof startLab>[0]['tree'] = {}): Promise<Lab> {
  return startLab({
    tree: { 'private/index.html': { type: 'file', text: 'ok\n' }, ...tree },
    http: ({ root, port }) => `server {\n  listen 127.0.0.1:${port(0)};\n  root ${root};\n  ${server}\n}\n`,
  });
}

const applying = (lab: Lab, ...args: readonly string[]): readonly string[] => [
  'diagnose',
  '--apply',
  ...args,
  `http://127.0.0.1:${lab.port(0)}/private/`,
];

const apply = (lab: Lab, ...args: readonly string[]): ReturnType<typeof why403> =>
  why403(applying(lab, ...args), { env: { WHY403_STATE: state } });

/** What --apply keeps of a file as it was, removed again where it isn't this test's own folder. */
function takeBackups(stderr: string): readonly string[] {
  const paths = [...stderr.matchAll(/^Backup: (.*)$/gm)].map(([, path = '']) => path);
  const texts = paths.map((path) => readFileSync(path, 'latin1'));
  for (const path of paths) rmSync(dirname(path), { recursive: true });
  return texts;
}

describe.skipIf(!hasNginx)('--apply on a running server', () => {
  it('changes the file, keeps what it was, reloads, asks again', async () => {
    await using lab = await startSite('location /private/ { deny all; }');
    const { code, stdout, stderr } = await apply(lab);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('was refused');
    expect(stderr).toContain('the request is now answered 200');
    expect(takeBackups(stderr)).toEqual([lab.config]);
    expect((await lab.get('/private/'))?.status).toBe(200);
    expect((await lab.get('/private/', { from: '127.0.0.9' }))?.status, 'others stay out').toBe(403);
    expect(statSync(lab.configPath).mode & 0o777).toBe(0o644);
  });

  it.skipIf(!isRoot)('lifts two refusals, one of them in the file tree', async () => {
    await using lab = await startSite('location /private/ { deny all; }', {
      'private/index.html': { type: 'file', text: 'ok\n', mode: 0o600, owner: 'root' },
    });
    const { code, stderr } = await apply(lab);
    takeBackups(stderr);
    expect(code, stderr).toBe(0);
    expect((await lab.get('/private/'))?.status).toBe(200);
  });

  it('takes everything back when nginx would not reload with it', async () => {
    await using lab = await startSite('location /private/ { deny all; }');
    // Another process breaks a file that the change doesn't touch, after it was read for the diagnosis.
    const part = join(lab.directory, 'part.conf');
    writeFileSync(part, '');
    writeFileSync(lab.configPath, lab.config.replace('location /private/', `include ${part};\n  location /private/`));
    await lab.nginx.reload();
    const before = readFileSync(lab.configPath, 'latin1');
    const { code, stderr } = await duringProof(applying(lab), { WHY403_STATE: state }, () => writeFileSync(part, 'nonsense;\n'));
    takeBackups(stderr);
    expect(code, stderr).toBe(1);
    expect(readFileSync(lab.configPath, 'latin1')).toBe(before);
    expect((await lab.get('/private/'))?.status).toBe(403);
  });

  it('changes nothing when the file was changed meanwhile', async () => {
    await using lab = await startSite('location /private/ { deny all; }');
    const { code, stderr } = await duringProof(applying(lab), { WHY403_STATE: state }, () =>
      appendFileSync(lab.configPath, '# somebody else\n'),
    );
    takeBackups(stderr);
    expect(code, stderr).toBe(1);
    expect(stderr).toContain('has changed since it was read');
    expect(readFileSync(lab.configPath, 'latin1')).toBe(`${lab.config}# somebody else\n`);
  });

  it('does nothing against a refusal that is right, and nothing when nothing refuses', async () => {
    await using lab = await startSite('location ~ /\\. { deny all; }', { '.git/config': { type: 'file', text: '[core]\n' } });
    const kept = await why403(['diagnose', '--apply', `http://127.0.0.1:${lab.port(0)}/.git/config`], { env: { WHY403_STATE: state } });
    expect(kept.code, kept.stderr).toBe(1);
    expect(kept.stderr).toContain('no fix that could be applied');
    const passed = await apply(lab);
    expect(passed.code, passed.stderr).toBe(0);
    expect(readFileSync(lab.configPath, 'latin1')).toBe(lab.config);
  });

  it('is refused where it could not ask again', async () => {
    await using lab = await startSite('location /private/ { deny all; }');
    expectFault(await apply(lab, '--nginx', lab.configPath), 2, ['--apply asks again', 'nothing was sent']);
    expectFault(await apply(lab, '--from', '10.0.0.1'), 2, ['--apply asks again']);
    expectFault(await apply(lab, '-X', 'DELETE'), 2, ['--apply asks again', '--send']);
    expect(readFileSync(lab.configPath, 'latin1')).toBe(lab.config);
  });

  it('interrupted at any moment, leaves the server with or without the fix, never between', async () => {
    await using lab = await startSite('location /private/ { deny all; }');
    for (const moment of [1, 2, 3]) {
      const child = spawn(BIN, ['diagnose', '--apply', `http://127.0.0.1:${lab.port(0)}/private/`], {
        env: { ...process.env, WHY403_STATE: state },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let stderr = '';
      let seen = 0;
      child.stderr.on('data', (text: Buffer) => {
        stderr += text.toString();
      });
      // The report comes right before the fix is done.
      child.stdout.on('data', () => {
        seen += 1;
        if (seen === 1) setTimeout(() => child.kill('SIGINT'), moment * 15);
      });
      const code = await new Promise((resolve) => child.once('close', resolve));
      takeBackups(stderr);
      const now = readFileSync(lab.configPath, 'latin1');
      if (code === 4) expect(now).toBe(lab.config);
      else expect([0, null]).toContain(code);
      expect(readdirSync(lab.directory).filter((name) => name.includes('why403'))).toEqual([]);
      writeFileSync(lab.configPath, lab.config);
      expect(await lab.nginx.reload()).toBe(true);
    }
    expect(readdirSync(state).filter((name) => name.startsWith('lock-'))).toEqual([]);
  });
});
