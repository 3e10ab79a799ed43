import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hasNginx, type Lab, startLab } from '@why403/nginx/lab';
import { describe, expect, it } from 'vitest';
import { diagnosed, why403 } from './why403.ts';

function labWith(server: string): Promise<Lab> {
  return startLab({
    tree: { 'private/index.html': { type: 'file', text: 'ok\n' } },
    http: ({ root, port }) => `server {\n  listen 127.0.0.1:${port(0)};\n  root ${root};\n  ${server}\n}\n`,
  });
}

/** As if written a while after the server started: times of processes are only known to a hundredth of a second. */
function rewrite(lab: Lab, from: string, to: string): void {
  writeFileSync(lab.configPath, readFileSync(lab.configPath, 'latin1').replace(from, to), 'latin1');
  const later = Date.now() / 1000 + 1;
  utimesSync(lab.configPath, later, later);
}

describe.skipIf(!hasNginx)('a configuration that changed since it was read', () => {
  it('is named when the file on disk would admit the request', async () => {
    await using lab = await labWith('location /private/ { deny all; }');
    rewrite(lab, 'deny all;', 'allow all;');
    const { report, code } = await diagnosed([`http://127.0.0.1:${lab.port(0)}/private/`]);
    expect(report.findings[0]?.cause, JSON.stringify(report.findings)).toBe('server/not-reloaded');
    expect(report.notes.join('\n')).toContain(lab.configPath);
    expect(code).toBe(1);
  });

  it('is said beside a finding that the change did not touch', async () => {
    await using lab = await labWith('location /private/ { deny all; }');
    rewrite(lab, 'deny all;', 'deny all; # still\n');
    const { report } = await diagnosed([`http://127.0.0.1:${lab.port(0)}/private/`]);
    expect(report.findings[0]?.cause).toBe('nginx/deny-rule');
    expect(report.notes.join('\n')).toContain('after nginx had read its configuration');
  });
});

describe.skipIf(!hasNginx)('diagnose --apply', () => {
  it('does the fix, reloads, and the request passes', async () => {
    await using lab = await labWith('location /private/ { deny all; }');
    const { code, stderr } = await why403(['diagnose', '--apply', `http://127.0.0.1:${lab.port(0)}/private/`], {
      env: { WHY403_STATE: lab.directory },
    });
    expect(stderr).toContain('Backup');
    expect(code, stderr).toBe(0);
    expect((await lab.get('/private/'))?.status).toBe(200);
    expect(readFileSync(lab.configPath, 'latin1')).toContain('allow 127.0.0.1;');
  });
});
