import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { viewOfCopy } from '@why403/filesystem/collect';
import { describe, expect, test } from 'vitest';
import { readConfiguration } from '../collect/read-configuration.ts';
import { hasNginx } from '../lab/server.ts';
import { isRoot } from '../lab/tree.ts';
import { prove } from './prove.ts';
import { cell, siteOf } from './site.lab-fixture.ts';
import { TreeCopy } from './tree.ts';

const file = (text = 'x', mode = 0o644) => ({ type: 'file', text, mode }) as const;
const worker = { user: 'www-data', uid: 33, gid: 33, groups: [33] };

describe.skipIf(!hasNginx)('the world around a private copy', () => {
  test.skipIf(!isRoot)('has owners, modes, ACLs and links, and nothing but zeros in its files', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'why403-world-'));
    const root = join(directory, 'www');
    mkdirSync(join(root, 'real/deep'), { recursive: true });
    mkdirSync(join(root, 'elsewhere'));
    writeFileSync(join(root, 'real/deep/page.html'), 'canary');
    writeFileSync(join(root, 'real/deep/other.html'), 'canary');
    symlinkSync(join(root, 'real'), join(root, 'absolute'));
    symlinkSync('../real/deep', join(root, 'elsewhere/relative'));
    execFileSync('chown', ['www-data:nogroup', join(root, 'real')]);
    execFileSync('setfacl', ['-m', 'u:33:--x,d:g:4:r', join(root, 'real/deep')]);
    chmodSync(join(root, 'real/deep/page.html'), 0o4640);
    const tree = new TreeCopy('', worker, []);
    tree.add([join(root, 'absolute/deep/page.html/x'), join(root, 'elsewhere/relative/missing'), join(root, 'no/such')]);
    const copy = join(directory, 'copy');
    await tree.plant(copy);
    const facl = (path: string): string =>
      execFileSync('getfacl', ['-p', '-n', '-E', path], { encoding: 'utf8' }).replace(/^# file: .*\n/, '');
    for (const name of ['', 'real', 'real/deep', 'real/deep/page.html']) expect(facl(join(copy, root, name))).toBe(facl(join(root, name)));
    expect(readdirSync(join(copy, root, 'real/deep'))).toEqual(['page.html']);
    expect(readlinkSync(join(copy, root, 'absolute'))).toBe(join(copy, root, 'real'));
    expect(execFileSync('cat', [join(copy, root, 'elsewhere/relative/page.html')], { encoding: 'latin1' })).toBe('\0'.repeat(6));
    expect(lstatSync(join(copy, root, 'absolute/deep/page.html')).mtimeMs).toBeCloseTo(
      lstatSync(join(root, 'real/deep/page.html')).mtimeMs,
      -1,
    );
    expect(tree.blind).toEqual([]);
    rmSync(directory, { recursive: true });
  });

  test.skipIf(!isRoot)('tells an ACL that helps from one whose mask takes it away', async () => {
    const site = siteOf({
      tree: { shut: { type: 'directory', mode: 0o700 }, 'shut/index.html': file() },
      http: ({ root }) => `server { listen 80; root ${root}; }`,
    });
    const acl = (...argv: readonly string[]) =>
      site.prove(site.question('/shut/'), [{ kind: 'command', argv: ['setfacl', ...argv, `${site.root}/shut`] }]);
    expect(await acl('-m', 'u:www-data:x')).toMatchObject({ status: 'proven', by: 'server', after: 200 });
    expect(await acl('-n', '-m', 'u:www-data:x,m::---')).toMatchObject({ status: 'refuted', after: 403 });
    expect(await acl('-m', 'u:nobody:x')).toMatchObject({ status: 'refuted', after: 403 });
    site.remove();
  });

  test.skipIf(!isRoot)('has the worker that the configuration, the master or the question names', async () => {
    const site = siteOf({
      user: 'nobody nogroup',
      tree: { own: { type: 'directory', mode: 0o700, owner: 'www-data' }, 'own/index.html': { ...file(), owner: 'www-data' } },
      http: ({ root }) => `server { listen 80; root ${root}; }`,
    });
    const question = site.question('/own/');
    expect(await site.prove(question, [site.edit('user nobody nogroup;', 'user www-data;')])).toMatchObject({
      status: 'proven',
      before: 403,
      after: 200,
    });
    expect(await site.prove({ ...question, as: 'www-data' }, [])).toMatchObject({
      by: 'model',
      how: expect.stringContaining('does not refuse (200)'),
    });
    const trial = site.trial(question, [site.edit('user nobody nogroup;', 'user www-data;')]);
    // A master that isn't root can't change its account, whatever `user` says.
    expect(await prove({ ...trial, server: { ...trial.server, isMasterRoot: false } })).toMatchObject({
      status: 'refuted',
      before: 403,
      after: 403,
    });
    site.remove();
  });

  test.skipIf(!isRoot)('is made from a tree that was copied from another machine', async () => {
    const machine = mkdtempSync(join(tmpdir(), 'why403-machine-'));
    mkdirSync(join(machine, 'etc/nginx'), { recursive: true });
    mkdirSync(join(machine, 'srv/data/in'), { recursive: true });
    chmodSync(join(machine, 'srv/data/in'), 0o750);
    writeFileSync(join(machine, 'srv/data/in/index.html'), '');
    symlinkSync('/srv/data', join(machine, 'srv/www'));
    writeFileSync(join(machine, 'etc/nginx/nginx.conf'), 'user www-data; events {} http { server { root /srv/www; } }');
    const reading = readConfiguration({ view: viewOfCopy(machine), main: '/etc/nginx/nginx.conf', prefix: '/usr/share/nginx/' });
    if (reading.state !== 'read') throw new Error(JSON.stringify(reading));
    const base = siteOf({ http: () => '' });
    const trial = base.trial(base.question('/in/'), [{ kind: 'command', argv: ['chmod', 'o+x', '/srv/data/in'] }]);
    const proof = await prove({ ...trial, server: { ...trial.server, configuration: reading.configuration, root: machine } });
    expect(proof).toMatchObject({ status: 'proven', by: 'server', before: 403, after: 200 });
    expect(lstatSync(join(machine, 'srv/data/in')).mode & 0o777).toBe(0o750);
    base.remove();
    rmSync(machine, { recursive: true });
  });

  test('changes its own files only when a request does', async () => {
    const site = siteOf({
      tree: { 'in/index.html': file(), 'in/gone.html': file() },
      http: ({ root }) => `server { listen 80; root ${root}; location /in/ { dav_methods DELETE; deny all; } }`,
    });
    if (isRoot) execFileSync('chown', ['-R', 'www-data', site.root]);
    const cells = [cell('gone', site.question('/in/gone.html', { method: 'DELETE' })), cell('page', site.question('/in/gone.html'))];
    const proof = await site.prove(site.question('/in/'), [site.edit(' deny all;', '')], { cells });
    expect(proof.collateral.changed.map(({ label, after }) => [label, after])).toEqual([
      ['gone', 204],
      ['page', 200],
    ]);
    expect(readdirSync(join(site.root, 'in'))).toEqual(['gone.html', 'index.html']);
    site.remove();
  });

  test('speaks the PROXY protocol where the site expects it', async () => {
    const site = siteOf({
      tree: { 'index.html': file() },
      http: ({ root }) =>
        `server { listen 80 proxy_protocol; set_real_ip_from 127.0.0.1; real_ip_header proxy_protocol; root ${root}; allow 192.0.2.9; deny all; }`,
    });
    const client = ({ from = '192.0.2.8' }) => from;
    const cells = [cell('allowed', site.question('/', { from: '192.0.2.9' })), cell('other', site.question('/', { from: '2001:db8::1' }))];
    // Both clients come in through the balancer on the IPv4 listener.
    const request = site.trial(site.question('/'), []).request;
    const local = { address: '127.0.0.1', port: 80 };
    const proof = await site.prove(site.question('/'), [site.edit('allow 192.0.2.9;', 'allow 192.0.2.8/31;')], {
      client,
      cells,
      request: (question) => ({ ...request(question), local }),
    });
    expect(proof).toMatchObject({ status: 'proven', before: 403, after: 200, collateral: { checked: 2, changed: [] } });
    site.remove();
  });
});
