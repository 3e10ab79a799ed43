import { spawnSync } from 'node:child_process';
import { chmodSync, lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRoot } from './kernel.ts';
import type { Random } from './random.ts';

/** A real tree that grew at random, to be taken down again. */
export interface Grown {
  readonly base: string;
  readonly paths: readonly string[];
  remove(): void;
}

/** Ids without accounts: numbers are all that the kernel knows. */
export const UIDS = [0, 33, 41_001, 41_002] as const;
export const GIDS = [0, 33, 42_001, 42_002] as const;
export const NAMES = ['a', 'b', 'c', 'd'] as const;

/** Grows directories, files, links and pipes with random modes, owners, groups and ACLs. */
export function grow(random: Random, withAcls: boolean): Grown {
  const base = mkdtempSync(join(tmpdir(), 'why403-tree-'));
  const directories = [base];
  const paths: string[] = [];
  for (let left = 14; left > 0; left -= 1) {
    const path = join(random.pick([base, ...directories]), random.pick(NAMES));
    if (paths.includes(path)) continue;
    paths.push(path);
    plant(random, path, base, directories);
  }
  // Deepest first, so that an ordinary user can still reach what is left.
  for (const path of paths.toReversed()) dress(random, path, withAcls);
  chmodSync(base, 0o755);
  return { base, paths, remove: () => fell(base, directories) };
}

function plant(random: Random, path: string, base: string, directories: string[]): void {
  const kind = random.int(10);
  if (kind < 5) {
    mkdirSync(path);
    directories.push(path);
  } else if (kind < 8) writeFileSync(path, 'x');
  else symlinkSync(targetOf(random, base), path);
}

function targetOf(random: Random, base: string): string {
  const parts = Array.from({ length: 1 + random.int(3) }, () => random.pick([...NAMES, '..', '.', '']));
  const target = parts.join('/');
  return random.chance(0.4) ? `${base}/${target}` : target === '' ? '.' : target;
}

/** Modes that let more than half through on each level, so that the deep is reached too. */
function dress(random: Random, path: string, withAcls: boolean): void {
  const isLink = spawnSync('test', ['-L', path]).status === 0;
  if (isRoot()) lchownSync(path, random.pick(UIDS), random.pick(GIDS));
  if (isLink) return;
  const open = random.chance(0.55) ? 0o555 : random.chance(0.3) ? 0o111 : 0;
  chmodSync(path, (random.int(0o10000) & random.int(0o10000)) | (open & ~(random.chance(0.2) ? random.int(0o1000) : 0)));
  if (withAcls && random.chance(0.4)) spawnSync('setfacl', ['-n', '-m', randomAcl(random), path]);
}

export function randomAcl(random: Random): string {
  const entries = [`m::${bits(random)}`];
  if (random.chance(0.6)) entries.push(`u:${random.pick(UIDS)}:${bits(random)}`);
  if (random.chance(0.5)) entries.push(`g:${random.pick(GIDS)}:${bits(random)}`);
  if (random.chance(0.3)) entries.push(`g::${bits(random)}`);
  return entries.join(',');
}

function bits(random: Random): string {
  return [...'rwx'].map((letter) => (random.chance(0.55) ? letter : '-')).join('');
}

function fell(base: string, directories: readonly string[]): void {
  // Top down: a directory must be open before what lies in it can be.
  for (const directory of directories) chmodSync(directory, 0o700);
  rmSync(base, { recursive: true, force: true });
}
