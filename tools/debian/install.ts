import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../gen/catalog.ts';
import { apt, isDebian, isRoot, linesOf } from './apt.ts';

/** invoke-rc.d asks this script whether a freshly installed service may start; 101 says no. */
const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Installs what packages.txt lists and this machine lacks. As root on Debian only; elsewhere the lab skips the
 * tests that miss something. No service is started by it.
 */
export function installDebianPackages(): void {
  const missing = missingPackages(linesOf(readFileSync(join(ROOT, 'tools', 'debian', 'packages.txt'), 'utf8')));
  if (missing.length === 0) return;
  if (!isRoot || !isDebian) {
    process.stdout.write(`Not installed, so what needs them is skipped: ${missing.join(' ')}\n`);
    return;
  }
  process.stdout.write(`Installing ${missing.length} Debian packages (once): ${missing.join(' ')}\n`);
  withoutStartingServices(() => {
    if (!apt(['install', '-y', '--no-install-recommends', ...missing], ROOT)) {
      process.stdout.write('apt-get could not install them; what needs them is skipped.\n');
    }
  });
}

function missingPackages(names: readonly string[]): readonly string[] {
  const query = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n'], { encoding: 'utf8' });
  if (query.status !== 0) return names;
  const installed = new Set(query.stdout.split('\n'));
  return names.filter((name) => !installed.has(`${name} installed`));
}

function withoutStartingServices(work: () => void): void {
  if (existsSync(POLICY)) {
    work();
    return;
  }
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    work();
  } finally {
    rmSync(POLICY, { force: true });
  }
}
