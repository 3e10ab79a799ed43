import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gathered } from '@why403/decision';
import { access, metAll, NO_ACCOUNTS } from '../index.ts';
import type { Identity } from '../index.ts';
import { emptyTree, gatherUserNamespace, identityOfProcess, survey, THIS_MACHINE } from '../collect/index.ts';
import { cause } from '../causes/kernel/container-uid-map/cause.ts';
import { canAsk, isRoot, SCRIPT } from './kernel.ts';

const FIRST = 300_000;
const canUnshare = isRoot() && spawnSync('unshare', ['-U', 'true']).status === 0;

let base = '';
const children: ChildProcessWithoutNullStreams[] = [];

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'why403-userns-'));
  chmodSync(base, 0o755);
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(base, { recursive: true, force: true });
});

function start(program: string, ...args: readonly string[]): ChildProcessWithoutNullStreams & { readonly pid: number } {
  const child = spawn(program, args, { cwd: '/' });
  children.push(child);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} did not start`);
  return Object.assign(child, { pid });
}

/** A process that is root inside a user namespace of 65,536 ids, ready to ask the kernel. */
async function contained(): Promise<ChildProcessWithoutNullStreams & { readonly pid: number }> {
  // The first one only holds the namespace: whoever is mapped later than it starts has lost its rights at exec.
  const { pid } = start('unshare', '-U', 'cat');
  await until(async () => (await readlink(`/proc/${pid}/ns/user`)) !== (await readlink('/proc/self/ns/user')));
  writeFileSync(`/proc/${pid}/uid_map`, `0 ${FIRST} 65536`);
  writeFileSync(`/proc/${pid}/gid_map`, `0 ${FIRST} 65536`);
  const inside = start('nsenter', '-t', String(pid), '-U', '-S', '0', '-G', '0', 'perl', '-e', SCRIPT);
  await until(async () => (await readFile(`/proc/${inside.pid}/comm`, 'utf8')).trim() === 'perl');
  return inside;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error('it did not come about within 10 s');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function plant(name: string, mode: number, uid: number, gid: number): string {
  const path = join(base, name);
  if (name.startsWith('d')) mkdirSync(path);
  else writeFileSync(path, 'x');
  chownSync(path, uid, gid);
  chmodSync(path, mode);
  return path;
}

describe.skipIf(!canUnshare || !canAsk())('a process in a user namespace', () => {
  it('has its root rights over mapped files only, as the model says', async () => {
    const paths = [
      plant('f-mine', 0o600, FIRST, FIRST),
      plant('f-mapped', 0o000, FIRST + 5, FIRST + 5),
      plant('f-host', 0o600, 0, 0),
      plant('f-host-open', 0o644, 0, 0),
      plant('f-half', 0o600, FIRST + 5, 0),
      plant('d-mapped', 0o000, FIRST + 5, FIRST + 5),
      plant('d-host', 0o700, 0, 0),
    ];
    const inside = await contained();
    const { pid } = inside;
    const namespace = await gatherUserNamespace(pid);
    const answer = text(inside.stdout);
    const identity = (await identityOfProcess(pid, NO_ACCOUNTS)) ?? nobody();
    expect(identity).toMatchObject({ uid: FIRST, gid: FIRST, bypass: true });
    inside.stdin.end(paths.map((path) => `${path.includes('/d-') ? 'search' : 'read'} ${Buffer.from(path).toString('hex')}\n`).join(''));
    const kernel = (await answer)
      .trim()
      .split('\n')
      .map((code) => code === '0');

    const tree = emptyTree(THIS_MACHINE);
    const uses = paths.map((path) => ({ path, use: path.includes('/d-') ? ('search' as const) : ('read' as const) }));
    const { answer: model } = await survey(THIS_MACHINE, tree, () => uses.map(({ path, use }) => access(tree, identity, path, use)));
    expect(model.map((one) => one.verdict === 'granted')).toEqual(kernel);
    expect(kernel).toEqual([true, true, false, true, false, true, false]);

    const asked = paths.slice(2, 3).map((path) => ({ at: 0, path, use: 'read' as const, role: 'content' as const }));
    const met = metAll(tree, identity, asked);
    const obstacles = { ...met, identity, accounts: NO_ACCOUNTS, tree, process: { pids: [pid], comm: null }, window: null };
    const detection = cause.detect({ 'filesystem/obstacles': gathered(obstacles), 'kernel/user-namespace': namespace });
    expect(detection).toMatchObject({ verdict: 'found', sightings: [{ title: expect.stringContaining('belongs to uid 0') }] });
  });
});

function nobody(): Identity {
  throw new Error('the process is gone');
}
