import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { THIS_MACHINE, viewOfCopy } from '@why403/filesystem/collect';
import type { Listener } from '@why403/terms/house';
import { describe, expect, it } from 'vitest';
import { hasNginx, type Lab, NGINX, startLab } from '../lab/server.ts';
import { freshness } from '../model/freshness.ts';
import { buildFromText, hasModule, readBuild } from './build.ts';
import { assumeServer, examineProcess, type NginxProcess } from './process.ts';
import { childrenOf } from './proc.ts';
import { readConfiguration } from './read-configuration.ts';
import { identityFromConfiguration } from './worker-identity.ts';

function listener(pid: number, port: number): Listener {
  return {
    address: '127.0.0.1',
    port,
    pid,
    executable: readlinkSync(`/proc/${pid}/exe`),
    argv: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'),
    workingDirectory: readlinkSync(`/proc/${pid}/cwd`),
    uid: process.getuid?.() ?? 0,
    root: '',
    elsewhere: { mount: false, network: false },
    startedAt: null,
  };
}

async function examined(lab: Lab, pid = lab.nginx.pid): Promise<NginxProcess> {
  const found = await examineProcess(listener(pid, lab.port(0)));
  if (found === null) throw new Error('not taken for an nginx');
  return found;
}

const SITE = { http: ({ port }: { port(number: number): number }) => `server { listen 127.0.0.1:${port(0)}; return 200; }` };

describe.skipIf(!hasNginx)('a running nginx', () => {
  it('tells its build without being run, the same as -V does', () => {
    const said = spawnSync(NGINX, ['-V'], { encoding: 'utf8' }).stderr;
    const build = readBuild(NGINX);
    expect(build).not.toBeNull();
    expect(build).toEqual(buildFromText(said));
    expect(build).toMatchObject({ product: 'nginx', prefix: expect.stringMatching(/\/$/), main: expect.stringMatching(/^\//) });
    const made = build ?? {
      product: '',
      version: '',
      options: [],
      prefix: '',
      main: '',
      errorLog: '',
      accessLog: '',
      user: '',
      group: null,
    };
    expect([
      hasModule(made, 'http_access_module'),
      hasModule(made, 'http_perl_module'),
      hasModule(made, 'http_v3_module'),
      hasModule(made, 'x'),
    ]).toEqual([
      'built-in',
      said.includes('http_perl_module=dynamic') ? 'dynamic' : 'absent',
      said.includes('--with-http_v3_module') ? 'built-in' : 'absent',
      'unknown',
    ]);
  });

  it('tells its configuration, its prefix, its workers and whom they run as, from master and worker alike', async () => {
    await using lab = await startLab(SITE);
    const master = await examined(lab);
    expect(master).toMatchObject({
      product: 'nginx',
      executable: readlinkSync(`/proc/${lab.nginx.pid}/exe`),
      main: lab.configPath,
      master: { pid: lab.nginx.pid },
    });
    expect(master.prefix).toBe(`${lab.directory}/`);
    expect(master.workers).toHaveLength(1);
    const { user, uid, gid, groups } = lab.identity;
    expect(master.identity).toMatchObject({ user, uid, gid });
    expect(new Set(master.identity?.groups)).toEqual(new Set(groups));
    expect(master.blind).toEqual([]);
    const worker = master.workers[0]?.pid ?? 0;
    expect(await examined(lab, worker)).toMatchObject({ main: lab.configPath, master: { pid: lab.nginx.pid } });
  });

  it('shows the modules it has loaded', async () => {
    const module = '/usr/lib/nginx/modules/ngx_http_echo_module.so';
    await using lab = await startLab({ ...SITE, main: `load_module ${module};\n` }).catch(() => startLab(SITE));
    const expected = lab.config.includes(module) ? [module] : [];
    expect((await examined(lab)).loadedModules).toEqual(expected);
  });

  it('shows that it has not read a file since that changed, until it is reloaded', async () => {
    await using lab = await startLab(SITE);
    const times = (): Parameters<typeof freshness>[1] => {
      const reading = readConfiguration({ view: THIS_MACHINE, main: lab.configPath, prefix: lab.directory });
      return reading.state === 'read' ? reading.times : [];
    };
    const started = (await examined(lab)).configuredAt;
    expect(started).not.toBeNull();
    expect(freshness(started, times())).toEqual({ state: 'current' });
    // An edit that a person makes later than the start is, in a test, one with a later time.
    writeFileSync(lab.configPath, `${lab.config}# changed\n`);
    const later = ((started ?? 0) + 1000) / 1000;
    utimesSync(lab.configPath, later, later);
    expect(freshness(started, times())).toMatchObject({ state: 'stale', late: [{ path: lab.configPath, by: 'content' }] });
    const before = childrenOf(lab.nginx.pid).map(({ pid }) => pid);
    expect(await lab.nginx.reload()).toBe(true);
    const after = await examined(lab);
    expect(after.workers.filter(({ isLeaving }) => !isLeaving).some(({ pid }) => before.includes(pid))).toBe(false);
    expect(after.configuredAt).toBeGreaterThan(started ?? 0);
  });

  it('is told from what is none', async () => {
    const own = { ...listener(process.pid, 1), executable: process.execPath };
    expect(await examineProcess(own)).toBeNull();
  });
});

describe('a configuration alone', () => {
  it('takes the layout of Debian where there is no executable', () => {
    const view = viewOfCopy('/nonexistent');
    expect(assumeServer(view)).toMatchObject({ build: null, main: '/etc/nginx/nginx.conf', prefix: '/usr/share/nginx/' });
    expect(assumeServer(view, '/srv/nginx.conf').main).toBe('/srv/nginx.conf');
  });

  it('tells the worker’s account by its user directive and the database', async () => {
    const configuration = { main: '/c', prefix: '/', files: new Map(), unread: [], includes: [] };
    const directives = [{ name: 'user', args: ['root', 'daemon'], place: { file: '/c', line: 3 } }];
    const given = { ...configuration, directives } as unknown as Parameters<typeof identityFromConfiguration>[1];
    const { identity, says } = await identityFromConfiguration(THIS_MACHINE, given, { user: 'nobody', group: null });
    const daemon = Number(spawnSync('getent', ['group', 'daemon'], { encoding: 'utf8' }).stdout.split(':')[2]);
    expect(identity).toMatchObject({ user: 'root', uid: 0, gid: daemon });
    expect(says).toContain('/c:3');
    const unknown = { ...configuration, directives: [{ ...directives[0], args: ['nobody-here'] }] } as unknown as typeof given;
    expect(await identityFromConfiguration(THIS_MACHINE, unknown, { user: 'nobody', group: null })).toMatchObject({ identity: null });
  });
});
