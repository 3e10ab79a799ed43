import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { hasNginx, type Lab, startLab } from '@why403/nginx/lab';
import { describe, expect, it } from 'vitest';
import { copiesOf } from './during.ts';
import { serveRaw } from './raw-server.ts';
import { BIN, diagnosed } from './why403.ts';

/** Enough locations for a proof to take a while. */
function startSite(): Promise<Lab> {
  return startLab({
    tree: { 'private/index.html': { type: 'file', text: 'ok\n' } },
    http: ({ root, port }) =>
      `server {\n  listen 127.0.0.1:${port(0)};\n  root ${root};\n  location /private/ { deny all; }\n${Array.from({ length: 300 }, (_, index) => `  location /l${index}/ { deny all; }\n`).join('')}}\n`,
  });
}

/** Process ids whose command line names this folder. */
function processesIn(directory: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(directory);
    } catch {
      return false;
    }
  });
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

describe.skipIf(!hasNginx)('interrupted', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('by %s while the private copy runs: exit 4, soon, and nothing is left', async (signal) => {
    await using lab = await startSite();
    const scratch = mkdtempSync(join(tmpdir(), 'why403-lab-stop-'));
    try {
      const child = execFile(
        BIN,
        ['diagnose', `http://127.0.0.1:${lab.port(0)}/private/`],
        { env: { ...process.env, TMPDIR: scratch } },
        () => undefined,
      );
      let stderr = '';
      let stdout = '';
      child.stderr?.on('data', (text: string) => {
        stderr += text;
      });
      child.stdout?.on('data', (text: string) => {
        stdout += text;
      });
      const closed = once(child, 'close');
      // The copy's folder is there, and a server of its own in it.
      const copies = (): readonly string[] => copiesOf(child.pid ?? 0, [scratch]);
      await until(() => child.exitCode !== null || copies().some((copy) => processesIn(copy).length > 0));
      const [copy = scratch] = copies();
      const before = performance.now();
      child.kill(signal);
      await closed;
      expect(performance.now() - before).toBeLessThan(5000);
      expect({ code: child.exitCode, stdout }, stderr).toEqual({ code: 4, stdout: '' });
      expect(stderr).toContain('stopped before there was an answer');
      expect(copies()).toEqual([]);
      expect(readdirSync(scratch)).toEqual([]);
      expect(processesIn(copy)).toEqual([]);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });

  it('while a server keeps it waiting', async () => {
    const asked = Promise.withResolvers<void>();
    await using server = await serveRaw(() => asked.resolve());
    const child = execFile(BIN, ['diagnose', '--max-time', '60', `http://127.0.0.1:${server.port}/`], () => undefined);
    await asked.promise;
    child.kill('SIGTERM');
    const before = performance.now();
    await once(child, 'close');
    expect(performance.now() - before).toBeLessThan(5000);
    expect(child.exitCode).toBe(4);
  });
});

describe.skipIf(!hasNginx)('at the same time', () => {
  it('several runs on one server do not disturb each other', async () => {
    await using lab = await startSite();
    const url = `http://127.0.0.1:${lab.port(0)}/private/`;
    const reports = await Promise.all([1, 2, 3].map(() => diagnosed([url])));
    for (const { report, code } of reports) {
      expect({ code, cause: report.findings[0]?.cause }).toEqual({ code: 1, cause: 'nginx/deny-rule' });
      expect(report.fix?.proof).toMatchObject({ status: 'proven', by: 'server', before: 403, after: 200 });
      // Each quotes its own log line, not another's.
      const logged = report.findings[0]?.evidence.filter((one) => one.file?.endsWith('access.log') === true) ?? [];
      expect(logged).toHaveLength(1);
      expect(logged[0]?.text).toContain(report.question.headers['User-Agent']);
    }
  });
});
