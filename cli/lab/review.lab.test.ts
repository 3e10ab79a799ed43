import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Report } from '@why403/doctor/report';
import { hasNginx, isRoot, type Lab, type LabSpec, startLab } from '@why403/nginx/lab';
import { describe, expect, it } from 'vitest';
import { diagnosed, why403 } from './why403.ts';

/** Things that people have, and what was once told wrongly of them. */
function site(server: string, tree: LabSpec['tree'] = {}, more: Partial<LabSpec> = {}): Promise<Lab> {
  return startLab({
    tree: { 'index.html': { type: 'file', text: 'ok\n' }, ...tree },
    http: ({ root, port, directory }) =>
      `server {\n  listen 127.0.0.1:${port(0)};\n  root ${root};\n  ${server.replaceAll('DIR', directory).replaceAll(/; (?!\})/g, ';\n  ')}\n}\n`,
    ...more,
  });
}

const at = (lab: Lab, target: string): string => `http://127.0.0.1:${lab.port(0)}${target}`;
const causesOf = (list: Report['findings']): readonly string[] => list.map((one) => one.cause);
const layer = (report: Report, name: string): string | undefined => report.layers.find((one) => one.layer === name)?.verdict;

/** An application that answers every request with one status, in its own words. */
async function application(status: number, body: string): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

describe.skipIf(!hasNginx)('what comes from behind nginx', () => {
  it('is not called nginx, though nothing logs where it came from', async () => {
    await using app = await application(403, '{"error":"editors only"}');
    await using lab = await site(`location / { proxy_pass http://127.0.0.1:${app.port}; }`);
    const { report } = await diagnosed([at(lab, '/x')]);
    expect(report.observed?.producer?.product).not.toBe('nginx');
    expect([report.findings[0]?.cause, ...(report.findings[0]?.refines ?? [])]).toContain('nginx/proxied-403');
    expect(report.findings[0]?.certainty).toBe('proven');
    expect([layer(report, 'server'), layer(report, 'app')]).toEqual(['passed', 'refused']);
  });

  it.each([404, 500])('fails with %i and is no refusal', async (status) => {
    await using app = await application(status, '{}');
    await using lab = await site(`location / { proxy_pass http://127.0.0.1:${app.port}; }`);
    const { report, code } = await diagnosed([at(lab, '/x')]);
    expect({ code, outcome: report.outcome, findings: report.findings, fix: report.fix }).toEqual({
      code: 0,
      outcome: 'failed',
      findings: [],
      fix: null,
    });
    expect(report.observed?.producer?.product).not.toBe('nginx');
  });

  it('is nginx itself when nothing answers there', async () => {
    await using lab = await site('location / { proxy_pass http://unix:DIR/nobody.sock:/; }');
    const { report } = await diagnosed([at(lab, '/x')]);
    expect(report).toMatchObject({ outcome: 'failed', findings: [], observed: { status: 502, producer: { product: 'nginx' } } });
  });

  it('may be another nginx, whose page looks the same', async () => {
    await using behind = await site('deny all;');
    await using lab = await site(`location / { proxy_pass http://127.0.0.1:${behind.port(0)}; }`);
    const { report } = await diagnosed([at(lab, '/x')]);
    expect(report.findings[0]?.cause).toBe('nginx/proxied-403');
    expect(report.observed?.producer?.product).not.toBe('nginx');
  });
});

describe.skipIf(!hasNginx)('a failure that is no refusal', () => {
  it.each([
    ['if (-f $document_root/index.html) { return 503; }', 503],
    ['location / { return 404; }', 404],
    ['if ($request_method = GET) { return 405; }', 405],
    ['location / { try_files $uri.x /none.html; }', 500],
  ])('has a place and no cause: %s', async (server, status) => {
    await using lab = await site(server);
    const { report, code } = await diagnosed([at(lab, '/')]);
    expect({ code, outcome: report.outcome, findings: report.findings }).toEqual({ code: 0, outcome: 'failed', findings: [] });
    expect(report.observed?.status).toBe(status);
    expect(report.notes.join('\n')).toContain(`nginx answers ${status} here`);
    expect(report.layers.filter((one) => one.verdict === 'refused')).toEqual([]);
  });

  it.skipIf(!isRoot)('names the password file that may not be read, and does not call it missing', async () => {
    await using lab = await site(
      'auth_basic "x"; auth_basic_user_file DIR/users;',
      {},
      { files: { users: { type: 'file', text: 'ann:{PLAIN}secret\n', mode: 0o600 } } },
    );
    const { report } = await diagnosed(['-u', 'ann:secret', at(lab, '/')]);
    expect(report.observed?.status).toBe(500);
    expect(causesOf(report.findings)).toEqual(['filesystem/file-unreadable']);
  });
});

describe.skipIf(!hasNginx)('stacked refusals', () => {
  it('of which two are lifted in one empty block', async () => {
    await using lab = await site(
      'location /d/ { }',
      { 'd/notes.zip': { type: 'file', text: 'x' } },
      {
        http: ({ root, port }) => `deny 127.0.0.1;\nserver {\n  listen 127.0.0.1:${port(0)};\n  root ${root};\n  location /d/ { }\n}\n`,
      },
    );
    const { report, code } = await diagnosed([at(lab, '/d/')]);
    expect([...causesOf(report.findings), ...causesOf(report.next)]).toEqual(['nginx/deny-rule', 'nginx/autoindex-off']);
    expect(report.fix?.proof).toMatchObject({ status: 'proven', before: 403, after: 200 });
    expect(code).toBe(1);
  });

  it.skipIf(!isRoot)('are each told once, in the order of the server, and lifted by one set of steps', async () => {
    await using lab = await site(
      'location /p/ { allow 10.0.0.0/8; deny all; auth_basic "x"; auth_basic_user_file DIR/users; }',
      { 'p/q/a.html': { type: 'file', text: 'ok\n', mode: 0o600 }, p: { type: 'directory', mode: 0o700 } },
      { files: { users: { type: 'file', text: 'ann:{PLAIN}secret\n' } } },
    );
    const { report } = await diagnosed(['-u', 'ann:secret', at(lab, '/p/q/a.html')]);
    expect([...causesOf(report.findings), ...causesOf(report.next)]).toEqual([
      'nginx/satisfy-all-conflict',
      'filesystem/no-search-permission',
      'filesystem/file-unreadable',
    ]);
    expect(report.fix?.proof).toMatchObject({ status: 'proven', before: 403, after: 200 });
  });

  it('by a method are told as that, whatever list stands inside', async () => {
    await using lab = await site('location / { limit_except GET { allow 10.0.0.0/8; deny all; } }');
    const { report } = await diagnosed(['-X', 'OPTIONS', at(lab, '/')]);
    expect(causesOf(report.findings)).toEqual(['nginx/limit-except']);
  });
});

describe.skipIf(!hasNginx)('a refusal behind a mask', () => {
  it.each([
    ['error_page 403 =200 /index.html; location /p/ { deny all; } location = /index.html { allow all; }', 200],
    ['error_page 403 https://login.test/; location /p/ { deny all; }', 302],
    ['error_page 403 =404 @none; location @none { return 404; } location /p/ { deny all; }', 404],
  ])('is found and lifted: %s', async (server, status) => {
    await using lab = await site(server, { 'p/index.html': { type: 'file', text: 'private\n' } });
    const { report, code } = await diagnosed([at(lab, '/p/')]);
    expect(report.observed).toMatchObject({ status, masks: { status: 403 } });
    expect({ code, outcome: report.outcome, cause: report.findings[0]?.cause }).toEqual({
      code: 1,
      outcome: 'refused',
      cause: 'nginx/deny-rule',
    });
    expect(report.fix?.proof).toMatchObject({ status: 'proven', before: status, after: 200 });
  });

  it.skipIf(!isRoot).each([
    ['a page', '/index.html', 200],
    ['a 404', '=404', 404],
  ])('of try_files, which ends in %s', async (_, last, status) => {
    await using lab = await site(`location / { try_files $uri $uri/ ${last}; }`, {
      'a/app.js': { type: 'file', text: 'x', mode: 0o600 },
      a: { type: 'directory', mode: 0o700 },
    });
    const { report } = await diagnosed([at(lab, '/a/app.js')]);
    expect(report.observed).toMatchObject({ status, masks: { status: 403 } });
    expect([...causesOf(report.findings), ...causesOf(report.next)]).toEqual([
      'filesystem/no-search-permission',
      'filesystem/file-unreadable',
    ]);
    expect(report.fix?.proof).toMatchObject({ status: 'proven', after: 200 });
  });
});

describe.skipIf(!hasNginx)('a fix that nobody should have', () => {
  it('never hands out the source of a script', async () => {
    await using lab = await site('location ~* /uploads/.*\\.php$ { deny all; }', { 'uploads/shell.php': { type: 'file', text: '<?php' } });
    const { report, code } = await diagnosed([at(lab, '/uploads/shell.php')]);
    expect(report.findings[0]?.remedies[0]?.apply).toBe('none');
    expect({ code, fix: report.fix }).toEqual({ code: 1, fix: null });
  });

  it('never names the probe, which has another name next time', async () => {
    await using lab = await site(
      'if ($browser = 0) { return 403; }',
      {},
      {
        http: ({ root, port }) =>
          `map $http_user_agent $browser { default 0; ~Mozilla 1; }\nserver {\n  listen 127.0.0.1:${port(0)};\n  root ${root};\n  if ($browser = 0) { return 403; }\n}\n`,
      },
    );
    const { report } = await diagnosed([at(lab, '/')]);
    expect(report.findings[0]?.cause).toBe('nginx/user-agent-block');
    expect(report.fix?.steps.filter((step) => step.kind === 'patch') ?? []).toEqual([]);
  });
});

describe.skipIf(!hasNginx)('a connection closed without a word', () => {
  it('is a refusal when that is what the rules say', async () => {
    await using lab = await site(
      'return 444;',
      {},
      {
        http: ({ port }) =>
          `server {\n  listen 127.0.0.1:${port(0)} default_server;\n  return 444;\n}\nserver {\n  listen 127.0.0.1:${port(0)};\n  server_name a.test;\n}\n`,
      },
    );
    const { report, code } = await diagnosed([at(lab, '/')]);
    expect({ code, outcome: report.outcome, cause: report.findings[0]?.cause }).toEqual({
      code: 1,
      outcome: 'refused',
      cause: 'nginx/default-server',
    });
    expect(report.notes.join('\n')).toContain('without an answer');
  });
});

describe.skipIf(!hasNginx)('a narrow page', () => {
  it('holds every sentence; what is quoted stays whole', async () => {
    await using lab = await site('location /p/ { deny all; }', { 'p/index.html': { type: 'file', text: 'x' } });
    const { stdout } = await why403(['diagnose', at(lab, '/p/')], { env: { COLUMNS: '40' } });
    const long = stdout
      .split('\n')
      .filter((line) => line.length > 40 && /\S\s+\S/.test(line.trim()) && !/^ +(?:[|$@+-]| {2})|^ {2,}\//.test(line));
    expect(long).toEqual([]);
    const [first = ''] = stdout.split('\n\n');
    expect(first.replaceAll('\n', ' ')).toMatch(/^GET \/p\/ was refused by nginx .* \(403\): deny all; at .*:\d+ refuses 127\.0\.0\.1\.$/);
  });
});

describe.skipIf(!hasNginx)('evidence alone', () => {
  const SITE =
    'server {\n  listen 80;\n  server_name www.example.org;\n  root /srv/www;\n  location /private/ {\n    allow 10.0.0.0/8;\n    deny all;\n  }\n}\n';
  const WANTED = 'http://www.example.org/private/';

  /** A folder that holds files of another machine as they lie there. */
  function copyIn(lab: Lab): string {
    const root = join(lab.directory, 'copy');
    const put = (path: string, text: string): void => {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    put('etc/nginx/nginx.conf', 'user www-data;\nevents {}\nhttp {\n  include /etc/nginx/conf.d/*.conf;\n}\n');
    put('etc/nginx/conf.d/site.conf', SITE);
    put('etc/passwd', 'root:x:0:0::/:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n');
    put('etc/group', 'root:x:0:\nwww-data:x:33:\n');
    put('srv/www/private/index.html', 'ok\n');
    return root;
  }

  function logsIn(lab: Lab): readonly string[] {
    const error = join(lab.directory, 'copied-error.log');
    const access = join(lab.directory, 'copied-access.log');
    const line = (client: string, serial: number): string =>
      `2026/11/20 10:00:00 [error] 7#7: *${serial} access forbidden by rule, client: ${client}, server: www.example.org, request: "GET /private/ HTTP/2.0", host: "www.example.org"\n`;
    writeFileSync(error, line('198.51.100.1', 1) + line('203.0.113.5', 2));
    writeFileSync(
      access,
      '203.0.113.5 - - [20/Nov/2026:10:00:00 +0000] "GET /private/ HTTP/2.0" 403 153 "-" "a"\n10.1.1.1 - - [20/Nov/2026:10:00:01 +0000] "GET /private/ HTTP/1.1" 200 3 "-" "a"\n',
    );
    return ['--error-log', error, '--access-log', access];
  }

  it('of a copied tree: a patch that applies below it, and by the file', async () => {
    await using lab = await site('');
    const root = copyIn(lab);
    const { report } = await diagnosed(['--root', root, '--from', '203.0.113.5', WANTED]);
    expect(report.observed).toBeNull();
    const patches = report.fix?.steps.flatMap((step) => (step.kind === 'patch' ? [step] : [])) ?? [];
    expect(patches.map((step) => step.file)).toEqual(['/etc/nginx/conf.d/site.conf']);
    for (const [at, args] of [
      ['one', (copy: string) => ['-d', copy]],
      ['other', (copy: string) => [join(copy, 'etc/nginx/conf.d/site.conf')]],
    ] as const) {
      const copy = join(lab.directory, at);
      cpSync(root, copy, { recursive: true });
      execFileSync('patch', ['-p0', ...args(copy)], { input: patches[0]?.diff ?? '', stdio: ['pipe', 'ignore', 'pipe'] });
      expect(readFileSync(join(copy, 'etc/nginx/conf.d/site.conf'), 'utf8')).toContain('allow 203.0.113.5;');
    }
    expect((await diagnosed(['--root', join(lab.directory, 'one'), '--from', '203.0.113.5', WANTED])).code).toBe(0);
  });

  it('says that it had to assume a client', async () => {
    await using lab = await site('');
    const { report } = await diagnosed(['--no-proof', '--root', copyIn(lab), WANTED]);
    expect(report.notes.join('\n')).toContain('--from');
  });

  it('of logs: whose request it was, and that line alone', async () => {
    await using lab = await site('');
    const { report } = await diagnosed(['--root', copyIn(lab), ...logsIn(lab), WANTED]);
    expect(report.observed).toBeNull();
    expect(report.question.client).toBe('203.0.113.5');
    expect(report.findings[0]).toMatchObject({ cause: 'nginx/allow-list-miss', certainty: 'proven' });
    const quoted = report.findings[0]?.evidence.flatMap((one) => (one.kind === 'log' ? [one.text ?? ''] : [])) ?? [];
    expect(quoted).toHaveLength(2);
    expect(quoted.every((text) => text.includes('203.0.113.5'))).toBe(true);
    expect(JSON.stringify(report.fix?.steps)).toContain('allow 203.0.113.5;');
  });

  it('of logs that the files at hand do not explain: refused all the same, and what would settle it', async () => {
    await using lab = await site('');
    const root = copyIn(lab);
    writeFileSync(join(root, 'etc/nginx/conf.d/site.conf'), SITE.replace(/ {4}(?:allow|deny).*\n/g, ''));
    const { report, code } = await diagnosed(['--root', root, ...logsIn(lab), WANTED]);
    expect({ code, outcome: report.outcome, findings: report.findings }).toEqual({ code: 3, outcome: 'refused', findings: [] });
    expect(report.settle?.check).toContain('that the server itself has');
  });

  it('named for a server that is asked: the file that is named is read', async () => {
    await using lab = await site('error_log DIR/elsewhere.log; location /p/ { deny all; }', {
      'p/index.html': { type: 'file', text: 'x' },
    });
    const log = join(lab.directory, 'elsewhere.log');
    const { report } = await diagnosed(['--error-log', log, at(lab, '/p/')]);
    expect(report.findings[0]?.evidence.map((one) => one.file)).toContain(log);
  });
});
