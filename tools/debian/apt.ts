import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Whether this is a machine whose packages we may fetch. */
export const isDebian = existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-query');
export const isRoot = process.getuid?.() === 0;

/** Runs apt-get, fetching the lists first if it fails without them; only root may do that. */
export function apt(args: readonly string[], folder: string): boolean {
  return run(args, folder) || (isRoot && run(['update'], folder) && run(args, folder));
}

function run(args: readonly string[], cwd: string): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const result = spawnSync('apt-get', ['-qq', ...args], { cwd, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (result.status !== 0) process.stdout.write(`${result.stderr.trim().split('\n').slice(-6).join('\n')}\n`);
  return result.status === 0;
}

/** The lines of a committed list, without its comments. */
export function linesOf(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => line.replace(/#.*/, '').trim() || []);
}
