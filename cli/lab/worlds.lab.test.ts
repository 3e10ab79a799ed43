import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { hasNginx, isRoot, type Lab, startLab } from '@why403/nginx/lab';
import { describe, expect, it } from 'vitest';
import { diagnosed } from './why403.ts';

/** What takes more than a tree and a configuration to show: ACLs, somebody's home, a connection that stays open. */

async function told(lab: Lab, target: string) {
  const { report } = await diagnosed([`http://127.0.0.1:${lab.port(0)}${target}`]);
  return { report, first: report.findings[0], all: JSON.stringify(report, null, 1) };
}

const site = (root: string, port: number): string => `server { listen 127.0.0.1:${port}; root ${root}; }`;

function canSetAcl(path: string): boolean {
  try {
    execFileSync('setfacl', ['-m', 'u:www-data:---', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasNginx || !isRoot)('an access ACL', () => {
  it('keeps the worker out though the bits for others would let it in', async ({ skip }) => {
    await using lab = await startLab({
      tree: { 'a.html': { type: 'file', text: 'ok\n' } },
      http: ({ root, port }) => site(root, port(0)),
    });
    if (!canSetAcl(join(lab.root, 'a.html'))) skip('the file system or the machine has no ACLs');
    const { report, first, all } = await told(lab, '/a.html');
    expect(first?.cause, all).toBe('filesystem/acl-denies');
    expect(first?.certainty, all).toBe('proven');
    expect(first?.refines, all).toContain('filesystem/file-unreadable');
    expect(report.fix?.proof, all).toMatchObject({ status: 'proven', before: 403, after: 200 });
  });
});

describe.skipIf(!hasNginx || !isRoot || !existsSync('/home'))('a home directory', () => {
  it.each([
    ['700', 0o700],
    ['750', 0o750],
  ] as const)('of mode %s is closed to the server', async (_, mode) => {
    const home = mkdtempSync('/home/why403-');
    try {
      writeFileSync(join(home, 'index.html'), 'ok\n');
      chmodSync(home, mode);
      await using lab = await startLab({ http: ({ port }) => site(home, port(0)) });
      const { report, first, all } = await told(lab, '/index.html');
      expect(first?.cause, all).toBe('filesystem/userdir-home-700');
      expect(first?.refines, all).toContain('filesystem/no-search-permission');
      expect(report.fix?.proof, all).toMatchObject({ status: 'proven', before: 403, after: 200 });
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});

describe.skipIf(!hasNginx)('a limit on connections', () => {
  it.each([
    ['limit_conn_status 403;', 403, 'nginx/limit-conn-403'],
    ['', 503, 'nginx/limit-conn'],
  ] as const)('that is used up by one that stays open (%s)', async (status, expected, cause) => {
    await using lab = await startLab({
      tree: { 'a.html': { type: 'file', text: 'ok\n' }, 'big.bin': { type: 'file', text: 'x'.repeat(8 << 20) } },
      http: ({ root, port }) => `limit_conn_zone $binary_remote_addr zone=few:1m;
        server { listen 127.0.0.1:${port(0)}; root ${root}; limit_conn few 1; ${status} location /big.bin { limit_rate 1; sendfile off; } }`,
    });
    const held = connect(lab.port(0), '127.0.0.1');
    try {
      held.write('GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n');
      // Once the first bytes came, the connection counts.
      await once(held, 'data');
      held.pause();
      const { report, first, all } = await told(lab, '/a.html');
      expect(report.observed?.status, all).toBe(expected);
      expect(first?.cause, all).toBe(cause);
      expect(first?.certainty, all).toBe('proven');
    } finally {
      held.destroy();
    }
  });
});
