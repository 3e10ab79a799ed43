import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../gen/catalog.ts';

/** A checkout with setup.cjs, a lock of two packages, a task that says its arguments, and an npm that only notes them. */
let root = '';

const LOCK = {
  packages: {
    '': {},
    'layers/x': { version: '0.1.0' },
    'node_modules/@why403/x': { resolved: 'layers/x', link: true },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/elsewhere': { version: '1.0.0', optional: true },
  },
};

function write(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

function install(version: string): void {
  const packages = { ...LOCK.packages, 'node_modules/a': { version }, 'node_modules/elsewhere': undefined };
  write('node_modules/.package-lock.json', JSON.stringify({ packages }));
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'why403-setup-'));
  mkdirSync(join(root, 'tools'));
  copyFileSync(join(ROOT, 'tools', 'setup.cjs'), join(root, 'tools', 'setup.cjs'));
  write('package-lock.json', JSON.stringify(LOCK));
  write('tools/gen.ts', "console.log('task', ...process.argv.slice(2)); process.exitCode = Number(process.env['STATUS'] ?? 0);");
  write('tools/build.ts', "console.log('build', ...process.argv.slice(2));");
  write('tools/lab.ts', "console.log('lab');");
  write(
    'npm.js',
    "require('fs').writeFileSync('npm-was-called', process.argv.slice(2).join(' ')); process.exit(Number(process.env.NPM_STATUS || 0));",
  );
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function setup(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { readonly out: string; readonly err: string; readonly status: number | null } {
  const result = spawnSync(process.execPath, ['tools/setup.cjs', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], npm_execpath: join(root, 'npm.js'), ...env },
  });
  return { out: result.stdout, err: result.stderr, status: result.status };
}

const npmWasCalled = (): boolean => existsSync(join(root, 'npm-was-called'));

describe('tools/setup.cjs', () => {
  it('installs from the lock when nothing is installed, without running install scripts', () => {
    expect(setup(['gen']).out).toContain('task');
    expect(readFileSync(join(root, 'npm-was-called'), 'utf8')).toMatch(/^ci .*--ignore-scripts/);
  });

  it('installs when another version is there than the lock names', () => {
    install('0.9.0');
    setup(['gen']);
    expect(npmWasCalled()).toBe(true);
  });

  it('starts at once when the lock is installed, whatever other platforms need', () => {
    install('1.0.0');
    expect(setup(['gen']).out).toBe('task\n');
    expect(npmWasCalled()).toBe(false);
  });

  it('hands arguments over and the exit status back', () => {
    install('1.0.0');
    expect(setup(['gen', '--check', 'a b'], { STATUS: '3' })).toMatchObject({ out: 'task --check a b\n', status: 3 });
  });

  it('builds before a task that runs what is built, and only then', () => {
    install('1.0.0');
    expect(setup(['lab']).out).toBe('build --if-changed\nlab\n');
  });

  it('stops with a sentence when npm fails, when the lock is gone, and when there is no such task', () => {
    expect(setup(['gen'], { NPM_STATUS: '1' })).toMatchObject({
      status: 4,
      out: '',
      err: expect.stringContaining('npm could not install'),
    });
    expect(setup(['nope'])).toMatchObject({ status: 4, err: expect.stringContaining('usage') });
    rmSync(join(root, 'package-lock.json'));
    expect(setup(['gen'])).toMatchObject({ status: 4, err: expect.stringContaining('package-lock.json') });
  });
});
