import { gathered } from '@why403/decision';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { metAll, USUAL_ACCOUNTS } from '../index.ts';
import type { Identity, Obstacles } from '../index.ts';
import { emptyTree, gatherSurroundings, survey, THIS_MACHINE, viewOfCopy } from './index.ts';
import type { View } from './index.ts';

const worker: Identity = { user: 'www-data', uid: 33, gid: 33, groups: [33] };
const isRoot = process.getuid?.() === 0;
let base = '';

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'why403-around-'));
  chmodSync(base, 0o755);
  mkdirSync(join(base, 'closed'), { mode: 0o700 });
  writeFileSync(join(base, 'closed/a'), 'x');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

async function obstaclesAt(view: View, path: string): Promise<Obstacles> {
  const tree = emptyTree(view);
  const { answer } = await survey(view, tree, () => metAll(tree, worker, [{ at: 0, path, use: 'read', role: 'content' }]));
  return { ...answer, identity: worker, accounts: USUAL_ACCOUNTS, tree, process: { pids: [], comm: null }, window: null };
}

describe('around a refusal', () => {
  it.skipIf(!isRoot)('asks the kernel about the very directory that refuses', async () => {
    const obstacles = await obstaclesAt(THIS_MACHINE, join(base, 'closed/a'));
    const bag = await gatherSurroundings(obstacles, { view: THIS_MACHINE, pid: process.pid, logs: [] });
    expect(bag['filesystem/obstacles']).toMatchObject({
      state: 'gathered',
      value: {
        encounters: [{ weight: 1, obstacle: { path: join(base, 'closed') }, observed: [{ kind: 'probe', file: join(base, 'closed') }] }],
      },
    });
    expect(bag['kernel/sandbox']).toMatchObject({ state: 'gathered' });
  });

  it.skipIf(!isRoot)('trusts the kernel more than what was read a moment ago', async () => {
    const obstacles = await obstaclesAt(THIS_MACHINE, join(base, 'closed/a'));
    chmodSync(join(base, 'closed'), 0o755);
    const bag = await gatherSurroundings(obstacles, { view: THIS_MACHINE, pid: null, logs: [] });
    expect(bag['filesystem/obstacles']).toMatchObject({ value: { encounters: [{ weight: 0.5 }] } });
  });

  it('asks nobody about a copy, and says what is missing', async () => {
    const view = viewOfCopy(base);
    const obstacles = await obstaclesAt(view, '/closed/a');
    const bag = await gatherSurroundings(obstacles, { view, pid: null, logs: [] });
    expect(bag['filesystem/obstacles']).toEqual(gathered(obstacles));
    expect(bag['kernel/denials']).toMatchObject({ state: 'unavailable', missing: expect.stringContaining('--audit-log') });
    expect(bag['kernel/sandbox']).toMatchObject({ state: 'unavailable' });
    expect(bag['kernel/mounts']).toMatchObject({ state: 'unavailable' });
  });
});
