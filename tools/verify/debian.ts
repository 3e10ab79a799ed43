import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../gen/catalog.ts';

/** invoke-rc.d asks this script whether a freshly installed service may start; 101 says no. */
const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Installs what tools/debian-packages.txt lists and this machine lacks. As root on Debian only; elsewhere the
 * lab skips the tests that miss something. No service is started by it.
 */
export function installDebianPackages(): void {
  const missing = missingPackages(listed());
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    process.stdout.write(`Not installed, so what needs them is skipped: ${missing.join(' ')}\n`);
    return;
  }
  process.stdout.write(`Installing ${missing.length} Debian packages (once): ${missing.join(' ')}\n`);
  withoutStartingServices(() => {
    if (!aptInstall(missing) && !(apt(['update']) && aptInstall(missing))) {
      process.stdout.write('apt-get could not install them; what needs them is skipped.\n');
    }
  });
}

function listed(): readonly string[] {
  const text = readFileSync(join(ROOT, 'tools', 'debian-packages.txt'), 'utf8');
  return text.split('\n').flatMap((line) => line.replace(/#.*/, '').trim() || []);
}

function missingPackages(names: readonly string[]): readonly string[] {
  const query = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n'], { encoding: 'utf8' });
  if (query.status !== 0) return names;
  const installed = new Set(query.stdout.split('\n'));
  return names.filter((name) => !installed.has(`${name} installed`));
}

function aptInstall(names: readonly string[]): boolean {
  return apt(['install', '-y', '--no-install-recommends', ...names]);
}

function apt(args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const result = spawnSync('apt-get', ['-qq', ...args], { env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (result.status !== 0) process.stdout.write(result.stderr.split('\n').slice(-6).join('\n'));
  return result.status === 0;
}

function withoutStartingServices(work: () => void): void {
  if (existsSync(POLICY)) return work();
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    work();
  } finally {
    rmSync(POLICY, { force: true });
  }
}
