import { describe, expect, it } from 'vitest';
import { accountsOutside, insideOf, isIdentity, outsideOf, parseIdMap } from './id-map.ts';
import { canHoldAcls, isFuse, isNetwork, mountOf, optionOf, parseMountinfo } from './mounts.ts';
import { hidingOf, parseUnitSettings, unitOfCgroup } from './sandbox.ts';
import type { Sandbox } from './sandbox.ts';
import { secretLike } from './secret-like.ts';
import { USUAL_ACCOUNTS } from './tree-spec.ts';

describe('mounts', () => {
  const mounts = parseMountinfo(
    [
      '22 1 0:20 / / rw,relatime shared:1 - ext4 /dev/vda rw',
      '30 22 0:30 / /srv\\040data rw,noexec - nfs4 nas:/x rw,vers=4.2',
      '31 22 0:31 / /mnt rw - fuse.sshfs a@b: rw,user_id=1000',
      'garbage',
      '32 22 0:32 / /mnt ro - vfat /dev/sdb1 ro',
    ].join('\n'),
  );

  it('finds the deepest mount, the last of those stacked', () => {
    expect(mountOf(mounts, '/srv data/a')?.fsType).toBe('nfs4');
    expect(mountOf(mounts, '/srv datax')?.fsType).toBe('ext4');
    expect(mountOf(mounts, '/mnt/a')?.fsType).toBe('vfat');
  });

  it('tells kinds and options', () => {
    const [root, nfs, fuse] = mounts;
    if (root === undefined || nfs === undefined || fuse === undefined) throw new Error('three mounts');
    expect([isNetwork(root), isNetwork(nfs), isFuse(fuse)]).toEqual([false, true, true]);
    expect(optionOf(fuse, 'user_id')).toBe('1000');
    expect(nfs.options).toContain('noexec');
    expect([canHoldAcls(root), canHoldAcls(nfs), canHoldAcls(fuse), canHoldAcls(null)]).toEqual([true, false, null, null]);
  });
});

describe('user namespaces', () => {
  const map = parseIdMap('         0     100000      65536\n');

  it('translates ids both ways', () => {
    expect(outsideOf(map, 101)).toBe(100_101);
    expect(insideOf(map, 100_101)).toBe(101);
    expect(insideOf(map, 0)).toBeNull();
  });

  it('knows the map that changes nothing', () => {
    expect(isIdentity(parseIdMap('0 0 4294967295'))).toBe(true);
    expect(isIdentity(map)).toBe(false);
  });

  it("gives a container's accounts their numbers on the host", () => {
    const outside = accountsOutside(USUAL_ACCOUNTS, map, map);
    expect(outside.users.find((user) => user.name === 'nginx')).toMatchObject({ uid: 100_101, gid: 100_101 });
  });
});

describe('sandboxes', () => {
  const sandboxed = (show: string): Sandbox => ({
    pid: 1,
    unit: 'a.service',
    settings: parseUnitSettings(show),
    mounts: [],
    outside: null,
  });

  it.each([
    ['ProtectHome=yes', '/home/a/b', 'inaccessible', '/home'],
    ['ProtectHome=tmpfs', '/root/x', 'empty', '/root'],
    ['PrivateTmp=yes', '/var/tmp/x', 'empty', '/var/tmp'],
    ['InaccessiblePaths=-/srv/x +/opt', '/opt/a', 'inaccessible', '/opt'],
    ['TemporaryFileSystem=/srv:ro', '/srv/a', 'empty', '/srv'],
  ])('%s hides %s', (show, path, how, over) => {
    expect(hidingOf(sandboxed(show), path)).toMatchObject({ how, over });
  });

  it.each([
    ['ProtectHome=read-only', '/home/a'],
    ['ProtectHome=no', '/home/a'],
    ['ProtectSystem=strict', '/etc/a'],
    ['InaccessiblePaths=/srv', '/srvx'],
  ])('%s does not hide %s', (show, path) => {
    expect(hidingOf(sandboxed(show), path)).toBeNull();
  });

  it('finds the unit of a process in either kind of cgroup', () => {
    expect(unitOfCgroup('0::/system.slice/nginx.service\n')).toBe('nginx.service');
    expect(unitOfCgroup('1:name=systemd:/user.slice/user-0.slice/user@0.service/app.slice/x.service')).toBe('x.service');
    expect(unitOfCgroup('0::/user.slice\n')).toBeNull();
  });
});

describe('names that look secret', () => {
  it.each([
    '/srv/.env',
    '/srv/.env.production',
    '/srv/.git/config',
    '/a/id_rsa',
    '/a/site.sql',
    '/a/index.php.bak',
    '/a/b~',
    '/a/.htpasswd',
    '/a/server.key',
    '/srv/app/server-key.pem',
    '/srv/app/data.sqlite3',
    '/srv/www/.DS_Store',
  ])('keeps %s', (path) => expect(secretLike(path)).not.toBeNull());
  it.each([
    '/srv/index.html',
    '/srv/environment',
    '/srv/key.html',
    '/srv/.well-known/acme-challenge/x',
    '/srv/backup/index.html',
    '/srv/gitlog',
  ])('lets %s be opened', (path) => expect(secretLike(path)).toBeNull());
});
