import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { hasNginx, isRoot, type Lab, startLab } from '@why403/nginx/lab';
import { describe, expect, it } from 'vitest';
import { expectClean, expectFault } from './clear.ts';
import { diagnosed, why403 } from './why403.ts';

const TWO_GIGABYTES = 2 ** 31;
const LINE =
  '2026/11/22 02:45:24 [error] 11#11: *7 access forbidden by rule, client: 10.1.1.1, server: , request: "GET /private/ HTTP/1.1", host: "SITE"';

function startSite(http = ''): Promise<Lab> {
  return startLab({
    tree: { 'private/index.html': { type: 'file', text: 'ok\n' } },
    http: ({ root, port, directory }) =>
      `${http.replaceAll('DIR', directory)}\nserver {\n  listen 127.0.0.1:${port(0)};\n  root ${root};\n  location /private/ { deny all; }\n}\n`,
  });
}

const urlOf = (lab: Lab, path = '/private/'): string => `http://127.0.0.1:${lab.port(0)}${path}`;

/** What a log line has to say where the request was asked for. */
const lineFor = (lab: Lab): string => LINE.replace('SITE', `127.0.0.1:${lab.port(0)}`);

/** Runs as somebody who has nothing to do with the server. */
function asNobody(args: readonly string[]): ReturnType<typeof why403> {
  return why403(args, { through: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'], env: { HOME: '/nonexistent' } });
}

describe.skipIf(!hasNginx)('logs', () => {
  it('of two gigabytes are read from their end, in little memory and time', async () => {
    await using lab = await startSite();
    const big = join(lab.directory, 'big.log');
    writeFileSync(big, '');
    truncateSync(big, TWO_GIGABYTES);
    const file = openSync(big, 'a');
    writeSync(file, `\n${lineFor(lab)}\n`);
    closeSync(file);
    const named = await why403(
      ['diagnose', '--json', '--no-proof', '--nginx', lab.configPath, '--from', '10.1.1.1', '--error-log', big, urlOf(lab)],
      { through: ['/bin/sh', '-c', 'ulimit -v 4000000 2>/dev/null; exec "$0" "$@"'] },
    );
    expect(named.stdout, named.stderr).toContain(`"file":${JSON.stringify(big)}`);
    expect(named.code).toBe(1);
    // The server's own log, grown while it runs: what it adds for our request is found behind all that.
    truncateSync(join(lab.directory, 'error.log'), TWO_GIGABYTES);
    const started = performance.now();
    const { report } = await diagnosed(['--no-proof', urlOf(lab)]);
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(report.findings[0]?.evidence.map((one) => one.file)).toContain(join(lab.directory, 'error.log'));
  });

  it('with binary junk in them still tell what they tell', async () => {
    await using lab = await startSite();
    const path = join(lab.directory, 'junk.log');
    const junk = randomBytes(200_000);
    writeFileSync(path, Buffer.concat([junk, Buffer.from(`\n${lineFor(lab)}\n`), junk]));
    const args = ['--no-proof', '--nginx', lab.configPath, '--from', '10.1.1.1', '--error-log', path, '--access-log', path, urlOf(lab)];
    const { report, code } = await diagnosed(args);
    expect({ code, cause: report.findings[0]?.cause }).toEqual({ code: 1, cause: 'nginx/deny-rule' });
    expect(report.findings[0]?.evidence.find((one) => one.file === path)?.text).toContain('access forbidden by rule');
    expectClean(await why403(['diagnose', ...args]));
  });

  it('that another process writes are read beside a running server when they are named', async () => {
    await using lab = await startSite();
    // What a syslog daemon would do: the server's own log goes on elsewhere.
    const copy = join(lab.directory, 'syslog.log');
    const tail = spawn('/bin/sh', ['-c', `exec tail -n 0 -F ${lab.directory}/error.log > ${copy}`], { stdio: 'ignore' });
    try {
      while (!existsSync(copy)) await turn();
      const { report } = await diagnosed(['--no-proof', '--error-log', copy, urlOf(lab)]);
      expect({ cause: report.findings[0]?.cause, notes: report.notes.filter((note) => note.includes(copy)) }).toEqual({
        cause: 'nginx/deny-rule',
        notes: [],
      });
    } finally {
      tail.kill();
    }
  });

  it('that were moved away without telling the server say nothing by their silence', async () => {
    await using lab = await startSite();
    renameSync(join(lab.directory, 'error.log'), join(lab.directory, 'error.log.1'));
    writeFileSync(join(lab.directory, 'error.log'), '');
    const { report, code } = await diagnosed(['--no-proof', urlOf(lab)]);
    expect({ code, cause: report.findings[0]?.cause }).toEqual({ code: 1, cause: 'nginx/deny-rule' });
    expect(report.notes.join('\n')).toContain('does not write to this file');
  });

  it('that hold nothing but junk change nothing', async () => {
    await using lab = await startSite();
    const path = join(lab.directory, 'junk.log');
    writeFileSync(path, randomBytes(100_000));
    const { report, code } = await diagnosed([
      '--no-proof',
      '--nginx',
      lab.configPath,
      '--error-log',
      path,
      '--access-log',
      path,
      urlOf(lab),
    ]);
    expect({ code, cause: report.findings[0]?.cause }).toEqual({ code: 1, cause: 'nginx/deny-rule' });
  });

  it('that the configuration names and that are gone are no hindrance', async () => {
    await using lab = await startSite();
    unlinkSync(join(lab.directory, 'access.log'));
    unlinkSync(join(lab.directory, 'error.log'));
    const { report, code } = await diagnosed(['--no-proof', urlOf(lab)]);
    expect({ code, cause: report.findings[0]?.cause }).toEqual({ code: 1, cause: 'nginx/deny-rule' });
  });
});

describe.skipIf(!hasNginx)('configurations that nginx would not take', () => {
  it.each<readonly [name: string, files: Readonly<Record<string, string>>, says: readonly (string | RegExp)[]]>([
    [
      'a syntax error',
      { 'n.conf': 'events {}\nhttp {\n  server { listen 80; location / { deny all }\n}\n' },
      [/n\.conf:3:\d+: .*unexpected "}"/, 'nginx -t'],
    ],
    ['a block without an end', { 'n.conf': 'events {}\nhttp {\n' }, [/n\.conf:\d+:\d+: .*unexpected end of file/]],
    [
      'a cyclic include',
      { 'n.conf': 'events {}\nhttp { include a.inc; }\n', 'a.inc': 'include b.inc;\n', 'b.inc': '\ninclude a.inc;\n' },
      [/b\.inc:2:1: /, 'cyclic include', 'a.inc:1'],
    ],
    ['an include of itself', { 'n.conf': 'events {}\ninclude n.conf;\n' }, [/n\.conf:2:1: /, 'cyclic include']],
    [
      'an include that is not there',
      { 'n.conf': 'events {}\nhttp { include gone.conf; }\n' },
      [/n\.conf:2:8: /, 'gone.conf" failed (2: No such file'],
    ],
    ['escapes in what is wrong', { 'n.conf': 'events {}\nhttp { server { "\u001b[31m\u009b2J\u202e" } }\n' }, [/n\.conf:2:\d+: /]],
  ])('%s', async (_name, files, says) => {
    await using lab = await startSite();
    for (const [name, text] of Object.entries(files)) writeFileSync(join(lab.directory, name), text);
    expectFault(await why403(['diagnose', '--nginx', join(lab.directory, 'n.conf'), urlOf(lab)]), 2, says);
  });

  it('a running server whose files were broken since keeps what it read, and that is said', async () => {
    await using lab = await startSite();
    writeFileSync(lab.configPath, `${lab.config}\nserver {`);
    expectFault(await why403(['diagnose', urlOf(lab)]), 2, [`${lab.configPath}:`, 'keeps what it read before']);
  });

  it('an empty file listens nowhere', async () => {
    await using lab = await startSite();
    writeFileSync(join(lab.directory, 'empty.conf'), '');
    const { report, code } = await diagnosed(['--nginx', join(lab.directory, 'empty.conf'), urlOf(lab)]);
    expect({ code, outcome: report.outcome }).toEqual({ code: 3, outcome: 'undetermined' });
    expect(report.summary).toContain(`a server that listens on 127.0.0.1:${lab.port(0)}`);
  });
});

describe.skipIf(!hasNginx)('files that come and go', () => {
  it('an included file that vanishes while it is read is said to be unknown, or was read', async () => {
    await using lab = await startSite('include DIR/conf.d/*.conf;');
    const parts = join(lab.directory, 'conf.d');
    const stop = new AbortController();
    mkdirSync(parts, { recursive: true });
    const busy = `while :; do for n in 1 2 3 4 5 6 7 8; do echo "# $n" > ${parts}/$n.conf; done; rm -f ${parts}/*.conf; done`;
    const churn = spawn('/bin/sh', ['-c', busy], { stdio: 'ignore', signal: stop.signal }).on('error', () => undefined);
    try {
      for (let round = 0; round < 5; round += 1) {
        const { report, code } = await diagnosed(['--no-proof', urlOf(lab)]);
        expect({ code, cause: report.findings[0]?.cause }).toEqual({ code: 1, cause: 'nginx/deny-rule' });
      }
    } finally {
      const ended = new Promise((resolve) => churn.once('close', resolve));
      stop.abort();
      await ended;
    }
  });

  it('the requested file goes between the answer and the look at it', async () => {
    await using lab = await startSite();
    const { code, report } = await diagnosed(['--no-proof', urlOf(lab, '/gone.html')]);
    expect({ code, outcome: report.outcome, status: report.observed?.status }).toEqual({ code: 0, outcome: 'failed', status: 404 });
  });
});

describe.skipIf(!hasNginx || !isRoot)('without rights', () => {
  it('says which configuration it may not read, what that leaves open and the way out', async () => {
    await using lab = await startSite();
    chmodSync(lab.configPath, 0o600);
    const ended = await asNobody(['diagnose', urlOf(lab)]);
    expect(ended.code, ended.stderr).toBe(3);
    expect(ended.stdout).toMatch(/was refused.*\(403\)/s);
    expect(ended.stdout.replaceAll(/\s+/g, ' ')).toMatch(/To settle it (?:Needed: )?a run as root/);
    expectClean(ended);
    expectFault(await asNobody(['diagnose', '--nginx', lab.configPath, urlOf(lab)]), 2, [lab.configPath, 'Permission denied', 'as root']);
  });

  it('works from a configuration that it may read', async () => {
    await using lab = await startSite();
    const ended = await asNobody(['diagnose', '--json', '--nginx', lab.configPath, urlOf(lab)]);
    expect(ended.code, ended.stderr).toBe(1);
    expect(ended.stdout).toContain('"cause":"nginx/deny-rule"');
  });

  it('may not read a log that was named', async () => {
    await using lab = await startSite();
    const log = join(lab.directory, 'error.log');
    chmodSync(log, 0o600);
    expectFault(await asNobody(['diagnose', '--nginx', lab.configPath, '--error-log', log, urlOf(lab)]), 2, [
      `may not read ${log}`,
      'as root',
    ]);
  });

  it('names a part of the configuration that it may not read, and guesses nothing about it', async () => {
    await using lab = await startSite();
    const part = join(lab.directory, 'part.conf');
    writeFileSync(part, '# secret rules\n', { mode: 0o600 });
    const main = join(lab.directory, 'other.conf');
    writeFileSync(main, lab.config.replace('location /private/ { deny all; }', `include ${part};`));
    const ended = await asNobody(['diagnose', '--nginx', main, urlOf(lab)]);
    expect(ended.code, ended.stdout).toBe(3);
    expect(ended.stdout.replaceAll(/\s+/g, ' ')).toContain(`${part} is part of the configuration and could not be read`);
  });
});
