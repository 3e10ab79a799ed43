import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { access, SnapshotTree } from '../index.ts';
import type { Identity } from '../index.ts';
import { readAccounts, survey, viewOfCopy } from './index.ts';
import { confirm } from './confirm.ts';
import { gatherDenials } from './denials.ts';
import { gatherMounts, gatherSandbox, gatherUserNamespace } from './sandbox.ts';
import { readEnd } from './text-file.ts';

const worker: Identity = { user: 'www-data', uid: 33, gid: 33, groups: [33] };
const isRoot = process.getuid?.() === 0;
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'why403-view-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function ask(path: string): Promise<string> {
  const tree = new SnapshotTree();
  const { answer } = await survey(viewOfCopy(root), tree, () => access(tree, worker, path, 'stat'));
  if (answer.verdict === 'refused') return `${answer.obstacle.errno} ${answer.obstacle.path}`;
  return answer.verdict === 'granted' ? answer.real : `unknown ${answer.missing}`;
}

describe('a copied tree', () => {
  it('is never left by an absolute link, whatever lies at that place here', async () => {
    symlinkSync('/etc', join(root, 'link'));
    expect(await ask('/link/passwd')).toBe('ENOENT /etc');
    mkdirSync(join(root, 'etc'));
    writeFileSync(join(root, 'etc/passwd'), '');
    expect(await ask('/link/passwd')).toBe('/etc/passwd');
  });

  it('is never left by dots', async () => {
    symlinkSync('../../../../../etc/hostname', join(root, 'up'));
    expect(await ask('/up')).toBe('ENOENT /etc');
  });

  it('reads texts and listings through links inside it, and its own user database', async () => {
    mkdirSync(join(root, 'etc/real'), { recursive: true });
    writeFileSync(join(root, 'etc/real/passwd'), 'carol:x:1234:1234::/home/carol:/bin/sh\n');
    symlinkSync('/etc/real/passwd', join(root, 'etc/passwd'));
    const { accounts } = readAccounts(viewOfCopy(root));
    expect(accounts.users.map((user) => user.name)).toEqual(['carol']);
    const tree = new SnapshotTree();
    const { answer } = await survey(viewOfCopy(root), tree, () => tree.list('/etc'));
    expect(answer).toEqual(['passwd', 'real']);
  });

  it('says that a user database is missing', async () => {
    const { blind } = readAccounts(viewOfCopy(root));
    expect(blind.join()).toContain('/etc/passwd');
  });

  it('redacts a text before anybody sees it', async () => {
    writeFileSync(join(root, 'secret'), 'alice:hash');
    const tree = new SnapshotTree();
    const { answer } = await survey(
      viewOfCopy(root),
      tree,
      () => tree.read('/secret'),
      (_path, text) => text.replace('hash', '[redacted]'),
    );
    expect(answer).toBe('alice:[redacted]');
  });

  it('follows links in a circle only so far', async () => {
    symlinkSync('b', join(root, 'a'));
    symlinkSync('a', join(root, 'b'));
    expect(await ask('/a')).toMatch(/^ELOOP/);
  });

  it('does not wait on a pipe', async () => {
    expect(spawnSync('mkfifo', [join(root, 'pipe')]).status).toBe(0);
    const tree = new SnapshotTree();
    const { answer } = await survey(viewOfCopy(root), tree, () => tree.read('/pipe'));
    expect(answer).toBeNull();
    expect((await readEnd(join(root, 'pipe'))).state).toBe('unread');
  });

  it('reads the end of a long text from the start of a line', async () => {
    writeFileSync(join(root, 'log'), 'one\ntwo\nthree\n');
    expect(await readEnd(join(root, 'log'), 8)).toEqual({ state: 'read', text: 'three\n', isWhole: false });
  });

  it.skipIf(isRoot)('says what it may not see, and leaves the answer open', async () => {
    mkdirSync(join(root, 'closed'));
    chmodSync(join(root, 'closed'), 0o600);
    const tree = new SnapshotTree();
    const { answer, blind } = await survey(viewOfCopy(root), tree, () =>
      access(tree, { ...worker, uid: process.getuid?.() ?? 0, bypass: true }, '/closed/x', 'stat'),
    );
    expect(answer.verdict).toBe('unknown');
    expect(blind.join()).toContain('no permission');
    chmodSync(join(root, 'closed'), 0o700);
  });
});

describe('what the kernel itself says', () => {
  it.skipIf(!isRoot)('is asked with the numbers of another account', async () => {
    chmodSync(root, 0o755);
    writeFileSync(join(root, 'open'), 'x', { mode: 0o644 });
    writeFileSync(join(root, 'closed'), 'x', { mode: 0o600 });
    expect((await confirm(worker, join(root, 'open'), 'read', null)).state).toBe('granted');
    const closed = await confirm(worker, join(root, 'closed'), 'read', process.pid);
    expect(closed).toMatchObject({ state: 'refused', evidence: { kind: 'probe', text: expect.stringContaining('setpriv --reuid=33') } });
  });

  it.skipIf(isRoot)('is not to be had without being root', async () => {
    expect(await confirm(worker, '/etc', 'search', null)).toMatchObject({ state: 'unavailable' });
  });
});

describe('the surroundings of a process', () => {
  it('sees its mounts, ids and sandbox', async () => {
    const mounts = await gatherMounts(null);
    expect(mounts.state === 'gathered' && mounts.value.some((mount) => mount.point === '/')).toBe(true);
    expect(await gatherUserNamespace(process.pid)).toMatchObject({ state: 'gathered' });
    expect(await gatherSandbox(process.pid, ['/etc'])).toMatchObject({ state: 'gathered', value: { settings: [], outside: null } });
  });

  it('says so when the process is gone', async () => {
    expect(await gatherSandbox(4_194_999, [])).toMatchObject({ state: 'unavailable' });
    expect(await gatherUserNamespace(4_194_999)).toMatchObject({ state: 'unavailable' });
  });

  it('finds records in a given log, and says which log it could not read', async () => {
    const log = join(root, 'audit.log');
    writeFileSync(
      log,
      'noise\ntype=AVC msg=audit(1.5:1): apparmor="DENIED" operation="open" profile="p" name="/srv/x" pid=1 comm="n" denied_mask="r"\n',
    );
    const found = await gatherDenials({ pid: null, window: null, files: [log, join(root, 'nothing'), root] });
    expect(found).toMatchObject({
      state: 'gathered',
      value: { apparmor: 'enabled', selinux: null, searched: [log], records: [{ line: 2, path: '/srv/x' }] },
    });
    expect(found.state === 'gathered' && found.value.unsearched.join()).toContain(root);
  });

  it('needs the time of the request to search this machine, unless both modules are off', async () => {
    const found = await gatherDenials({ pid: process.pid, window: null, files: [] });
    const isOff = found.state === 'gathered' && found.value.selinux === 'disabled' && found.value.apparmor === 'disabled';
    expect(isOff || found.state === 'unavailable').toBe(true);
  });

  it.skipIf(!isRoot || spawnSync('unshare', ['-m', 'true']).status !== 0)('notices a mount namespace with its own mounts', async () => {
    const child = spawnSync('sh', [
      '-c',
      `mkdir -p ${root}/home/x; unshare -m --propagation private sh -c 'mount -t tmpfs t ${root}/home && echo $$ > ${root}/pid && sleep 60' >/dev/null 2>&1 & for i in $(seq 200); do [ -s ${root}/pid ] && break; sleep 0.05; done; cat ${root}/pid`,
    ]);
    const pid = Number(child.stdout.toString().trim());
    expect(pid).toBeGreaterThan(1);
    try {
      const sandbox = await gatherSandbox(pid, [`${root}/home/x`]);
      if (sandbox.state !== 'gathered') throw new Error(sandbox.missing);
      expect(sandbox.value.mounts.some((mount) => mount.point === `${root}/home` && mount.fsType === 'tmpfs')).toBe(true);
      expect(sandbox.value.outside?.look(`${root}/home/x`)).toMatchObject({ state: 'present' });
      expect((await confirm({ ...worker, uid: 0, gid: 0 }, `${root}/home/x`, 'stat', pid)).state).toBe('refused');
      expect((await confirm({ ...worker, uid: 0, gid: 0 }, `${root}/home/x`, 'stat', null)).state).toBe('granted');
    } finally {
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
      for (const one of [
        ...children
          .split(' ')
          .filter((text) => text !== '')
          .map(Number),
        pid,
      ])
        process.kill(one, 'SIGKILL');
    }
  });
});
