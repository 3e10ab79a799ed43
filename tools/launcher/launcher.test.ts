import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../gen/catalog.ts';

/** A checkout with nothing but the launcher; `node` is a shell script that says which of them was started with what. */
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'why403 launcher '));
  for (const folder of ['bin', 'cli', 'dist', 'machine', 'node_modules/.bin']) mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(join(ROOT, 'bin', 'why403'), join(root, 'bin', 'why403'));
  for (const tool of ['sh', 'dirname', 'readlink', 'find']) {
    symlinkSync(spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim(), join(root, 'machine', tool));
  }
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function plantNode(folder: string, version: string): void {
  const node = join(root, folder, 'node');
  writeFileSync(node, `#!/bin/sh\nif [ "$1" = -v ]; then echo ${version}; else echo "${folder}:$*"; fi\n`);
  chmodSync(node, 0o755);
}

function plant(path: string, age: number): void {
  writeFileSync(join(root, path), '');
  utimesSync(join(root, path), 1_700_000_000 - age, 1_700_000_000 - age);
}

function launch(...args: readonly string[]): { readonly out: string; readonly err: string; readonly status: number | null } {
  const result = spawnSync(join(root, 'bin', 'why403'), args, { encoding: 'utf8', env: { PATH: join(root, 'machine') } });
  return { out: result.stdout.trim(), err: result.stderr, status: result.status };
}

describe('bin/why403', () => {
  it.each(['v22.19.0', 'v22.23.3', 'v24.21.0', 'v26.10.0', 'v100.0.0'])("takes the machine's Node %s", (version) => {
    plantNode('machine', version);
    plant('dist/why403.js', 0);
    expect(launch('--version').out).toBe(`machine:${root}/dist/why403.js --version`);
  });

  it.each(['v20.20.2', 'v22.18.0', 'v22.9.0', 'v18.0.0', 'v9.0.0'])("takes npm's Node when the machine's is %s", (version) => {
    plantNode('machine', version);
    plantNode('node_modules/.bin', 'v24.21.0');
    plant('dist/why403.js', 0);
    expect(launch('causes').out).toBe(`node_modules/.bin:${root}/dist/why403.js causes`);
  });

  it('says what it needs when there is no Node at all', () => {
    plant('dist/why403.js', 0);
    expect(launch()).toMatchObject({ status: 4, err: expect.stringContaining('Node 22.19 or newer') });
  });

  it('runs the sources when they are newer than what was built', () => {
    plantNode('machine', 'v24.21.0');
    plant('dist/why403.js', 10);
    plant('cli/main.ts', 0);
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), '{}');
    expect(launch('x').out).toBe(`machine:--disable-warning=ExperimentalWarning ${root}/cli/main.ts x`);
  });

  it('runs what was built when only a test is newer', () => {
    plantNode('machine', 'v24.21.0');
    plant('dist/why403.js', 10);
    plant('cli/main.ts', 20);
    plant('cli/main.test.ts', 0);
    expect(launch().out).toBe(`machine:${root}/dist/why403.js`);
  });

  it('says how to build when it is neither built nor installed', () => {
    plantNode('machine', 'v24.21.0');
    plant('cli/main.ts', 0);
    expect(launch()).toMatchObject({ status: 4, err: expect.stringContaining('npm ci && npm run build') });
  });

  it('finds its checkout through relative and absolute links, and when a shell is given its bare name', () => {
    plantNode('machine', 'v24.21.0');
    plant('dist/why403.js', 0);
    mkdirSync(join(root, 'links'));
    symlinkSync('../bin/why403', join(root, 'links', 'relative'));
    symlinkSync(join(root, 'links', 'relative'), join(root, 'links', 'absolute'));
    const env = { PATH: join(root, 'machine') };
    const run = spawnSync('sh', ['absolute', 'x'], { cwd: join(root, 'links'), encoding: 'utf8', env });
    expect(run.stdout.trim()).toBe(`machine:${root}/dist/why403.js x`);
  });

  it('passes arguments on as they are', () => {
    plantNode('machine', 'v24.21.0');
    plant('dist/why403.js', 0);
    expect(launch('a b', '', '*', '$HOME').out).toBe(`machine:${root}/dist/why403.js a b  * $HOME`);
  });
});
