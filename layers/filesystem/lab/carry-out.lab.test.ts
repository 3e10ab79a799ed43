import { spawnSync } from 'node:child_process';
import { chmodSync, lchownSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { access, afterCommand, NO_ACCOUNTS, openings, USUAL_ACCOUNTS } from '../index.ts';
import type { AclEntry, Entry, Identity } from '../index.ts';
import { emptyTree, survey, THIS_MACHINE } from '../collect/index.ts';
import { GIDS, randomAcl, UIDS } from './grow.ts';
import { askKernel, canAsk, isRoot } from './kernel.ts';
import { randomFrom, seeds } from './random.ts';
import type { Random } from './random.ts';

const CASES = 60;

let base = '';
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'why403-carry-'));
  chmodSync(base, 0o755);
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** Whether setfacl is here and works where the files will be. */
function hasAcls(): boolean {
  const probe = mkdtempSync(join(tmpdir(), 'why403-acl-'));
  const ended = spawnSync('setfacl', ['-m', `u:${process.getuid?.() ?? 0}:rwx`, probe]);
  rmSync(probe, { recursive: true });
  return ended.status === 0;
}

/** A fresh file or directory with a random mode, owner, group and perhaps an ACL. */
function fresh(random: Random, name: string): string {
  const path = join(base, name);
  if (random.chance(0.5)) mkdirSync(path);
  else writeFileSync(path, 'x');
  lchownSync(path, random.pick(UIDS), random.pick(GIDS));
  chmodSync(path, random.int(0o1000));
  if (random.chance(0.5)) spawnSync('setfacl', ['-n', '-m', randomAcl(random), path]);
  return path;
}

function randomCommand(random: Random, path: string): readonly string[] {
  switch (random.int(6)) {
    case 0:
      return [
        'chmod',
        `${random.pick(['u', 'g', 'o', 'a', 'go'])}${random.pick(['+', '-', '='])}${random.pick(['r', 'x', 'rX', 'rwx', ''])}`,
        path,
      ];
    case 1:
      return ['chmod', random.int(0o1000).toString(8).padStart(3, '0'), path];
    case 2:
      return ['chgrp', String(random.pick(GIDS)), path];
    case 3:
      return ['chown', `${random.pick(UIDS)}:${random.pick(GIDS)}`, path];
    case 4:
      return ['setfacl', '-m', `u:${random.pick(UIDS)}:r-x`, path];
    default:
      return ['setfacl', '-n', '-m', randomAcl(random), path];
  }
}

async function entryAt(path: string): Promise<Entry> {
  const tree = emptyTree(THIS_MACHINE);
  const { answer } = await survey(THIS_MACHINE, tree, () => tree.look(path));
  if (answer.state !== 'present') throw new Error(`${path} is ${answer.state}`);
  return answer.entry;
}

/** What decides, in one form: the order of ACL entries and the size do not. chown may clear setuid bits. */
function essence(entry: Entry): unknown {
  const acl = entry.acl === null || entry.acl === 'unread' ? entry.acl : entry.acl.map(key).toSorted();
  return { mode: entry.mode & 0o777, uid: entry.uid, gid: entry.gid, acl };
}

function key(one: AclEntry): string {
  return `${one.tag}:${one.id ?? ''}:${one.permissions}`;
}

const workers: readonly Identity[] = [
  { user: 'www-data', uid: 33, gid: 33, groups: [33, 42_001] },
  { user: '41001', uid: 41_001, gid: 42_002, groups: [42_002] },
  { user: '41999', uid: 41_999, gid: 42_999, groups: [] },
];

describe.skipIf(!isRoot() || !hasAcls() || !canAsk())('commands and remedies on real files', () => {
  it.each(seeds())('foretells what chmod, chown, chgrp and setfacl do, seed %i', async (seed) => {
    const random = randomFrom(seed);
    for (let at = 0; at < CASES; at += 1) {
      const path = fresh(random, `c${seed}-${at}`);
      const before = await entryAt(path);
      const argv = randomCommand(random, path);
      const foretold = afterCommand(before, argv, NO_ACCOUNTS);
      if (foretold === null) throw new Error(`not foretold: ${argv.join(' ')}`);
      const [program = '', ...args] = argv;
      expect(spawnSync(program, args).status, argv.join(' ')).toBe(0);
      expect(essence(await entryAt(path)), `${argv.join(' ')} on ${JSON.stringify(before)}`).toEqual(essence(foretold));
    }
  });

  it.each(seeds())('proposes only what really lets the worker in, seed %i', async (seed) => {
    const random = randomFrom(seed);
    let lifted = 0;
    for (let at = 0; at < CASES; at += 1) {
      const path = fresh(random, `o${seed}-${at}`);
      const identity = random.pick([workers[0] ?? never(), ...workers.slice(1)]);
      const entry = await entryAt(path);
      const use = entry.type === 'directory' ? 'search' : 'read';
      if (askKernel(identity, [{ path, use }])[0] === 'ok') continue;
      const [best, ...others] = openings({ path, entry, want: use, identity, accounts: USUAL_ACCOUNTS, acls: true });
      for (const remedy of [...others.toReversed(), best].filter((one) => one.apply === 'review')) {
        restore(path, entry);
        for (const step of remedy.steps) if (step.kind === 'command') spawnSync(step.argv[0], step.argv.slice(1));
        expect(askKernel(identity, [{ path, use }]), `${JSON.stringify(remedy.steps)} on ${JSON.stringify(entry)}`).toEqual(['ok']);
        lifted += 1;
      }
    }
    expect(lifted).toBeGreaterThan(30);
  });

  it('opens a file to the worker alone when it can', async () => {
    const path = join(base, 'alone');
    writeFileSync(path, 'x');
    chmodSync(path, 0o600);
    const [worker = never(), , stranger = never()] = workers;
    const [best] = openings({ path, entry: await entryAt(path), want: 'read', identity: worker, accounts: USUAL_ACCOUNTS, acls: true });
    for (const step of best.steps) if (step.kind === 'command') spawnSync(step.argv[0], step.argv.slice(1));
    expect(askKernel(worker, [{ path, use: 'read' }])).toEqual(['ok']);
    expect(askKernel(stranger, [{ path, use: 'read' }])).toEqual(['EACCES']);
    const tree = emptyTree(THIS_MACHINE);
    const { answer } = await survey(THIS_MACHINE, tree, () => access(tree, worker, path, 'read'));
    expect(answer.verdict).toBe('granted');
  });
});

function restore(path: string, entry: Entry): void {
  spawnSync('setfacl', ['-b', path]);
  lchownSync(path, entry.uid, entry.gid);
  chmodSync(path, entry.mode);
  if (entry.acl === null || entry.acl === 'unread') return;
  const words = entry.acl.map(
    (one) =>
      `${one.tag
        .replace(/-owner$/, '')
        .replace('user', 'u')
        .replace('group', 'g')}:${one.id ?? ''}:${bits(one.permissions)}`,
  );
  spawnSync('setfacl', ['-n', '-m', words.join(','), path]);
}

function bits(permissions: number): string {
  return `${(permissions & 4) !== 0 ? 'r' : '-'}${(permissions & 2) !== 0 ? 'w' : '-'}${(permissions & 1) !== 0 ? 'x' : '-'}`;
}

function never(): never {
  throw new Error('the list of workers is not empty');
}
