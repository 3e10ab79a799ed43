import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readReport } from '@why403/doctor/report';
import { hasNginx, isRoot, type Lab, startLab } from '@why403/nginx/lab';
import { describe, expect, it } from 'vitest';
import { type Ended, why403 } from './why403.ts';

/** Each has a tail of its own, so that a leak tells where it came from. */
const canary = (where: string): string => `Zq9cAnArY${where}7x`;
const ANY = /Zq9cAnArY\w*/i;

const REQUEST: readonly string[] = [
  ...['-H', `Authorization: Bearer ${canary('bearer')}`],
  ...['-H', `X-Api-Key: ${canary('apikey')}`],
  ...['-H', `X-Session-Token: ${canary('session')}`],
  ...['-b', `sid=${canary('cookie')}; theme=dark`],
  ...['-e', `https://u:${canary('refererpw')}@a.example/?token=${canary('referertoken')}`],
  ...['-A', `agent key=${canary('agent')}`],
];
const QUERY = `?token=${canary('token')}&key=${canary('key')}&X-Amz-Signature=${canary('amz')}&page=2`;

/** A site whose configuration, logs and password file are full of secrets, right beside the rule that decides. */
function startSite(refusing: string): Promise<Lab> {
  return startLab({
    tree: { 'private/index.html': { type: 'file', text: 'ok\n' } },
    files: { users: { type: 'file', text: `someone:{PLAIN}${canary('password')}\nother:$apr1$abc$${canary('hash')}\n` } },
    http: ({ root, port, directory }) => `
  log_format leaky '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $http_authorization $http_cookie $http_x_api_key $http_x_session_token';
  access_log ${directory}/leaky.log leaky;
  map $http_x_api_key $known { default 0; "${canary('mapkey')}" 1; }
  map $host $upstream_secret { default "${canary('mapvalue')}"; }
  server {
    listen 127.0.0.1:${port(0)};
    root ${root};
    set $api_key ${canary('set')};
    secure_link $arg_md5;
    secure_link_md5 "${canary('link')}$uri";
    location /private/ {
      proxy_set_header Authorization "Bearer ${canary('proxyheader')}";
      # the api key is ${canary('comment')}
      ${refusing.replaceAll('USERS', `${directory}/users`)}
      proxy_set_header X-Api-Key "${canary('proxykey')}";
      set $session_token "${canary('settoken')}";
    }
    location /back/ { return 302 "https://u:${canary('userinfo')}@a.example/?token=${canary('passquery')}"; }
  }`,
  });
}

/** Every file below a folder that holds a canary. */
function leaksIn(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true && ANY.test(readFileSync(path, 'latin1')));
}

function expectSilent({ stdout, stderr }: Ended): void {
  expect(ANY.exec(stdout)?.[0] ?? null, stdout).toBeNull();
  expect(ANY.exec(stderr)?.[0] ?? null, stderr).toBeNull();
}

/** Asks in every form of output, with a temporary folder of its own, which must be empty again. */
async function expectSilentInEveryForm(args: readonly string[], code: number): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'why403-lab-canary-'));
  try {
    for (const form of [[], ['--quiet'], ['--json'], ['--no-proof']]) {
      const ended = await why403(['diagnose', ...form, ...args], { env: { WHY403_DEBUG: '1', TMPDIR: scratch, WHY403_STATE: scratch } });
      expectSilent(ended);
      expect(ended.code, `${ended.stdout}${ended.stderr}`).toBe(code);
      if (form.includes('--json')) readReport(ended.stdout);
      expect(leaksIn(scratch)).toEqual([]);
      expect(readdirSync(scratch)).toEqual([]);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

describe.skipIf(!hasNginx)('secrets are in no output', () => {
  it.each<readonly [name: string, refusing: string, args: readonly string[]]>([
    ['a deny rule among them', 'deny all;', REQUEST],
    ['the very key that is compared with', `if ($http_x_api_key != "${canary('compared')}") { return 403; }`, REQUEST],
    ['a key on the line of the rule', `if ($arg_token != "${canary('oneline')}") { return 403; } deny all;`, REQUEST],
    ['a table of keys', 'if ($known = 0) { return 403; }', REQUEST],
    ['a link that is not signed', 'if ($secure_link = "") { return 403; }', REQUEST],
    ['a password file', 'auth_basic "staff"; auth_basic_user_file USERS;', ['-u', `someone:${canary('typed')}`, ...REQUEST.slice(2)]],
  ])('%s', async (_name, refusing, args) => {
    await using lab = await startSite(refusing);
    await expectSilentInEveryForm([...args, `http://127.0.0.1:${lab.port(0)}/private/${QUERY}`], 1);
  });

  it('a user and a password in the URL', async () => {
    await using lab = await startSite('deny all;');
    await expectSilentInEveryForm([`http://user:${canary('urlpw')}@127.0.0.1:${lab.port(0)}/private/${QUERY}`], 1);
  });

  it('with the configuration and the logs named, and nothing sent', async () => {
    await using lab = await startSite('deny all;');
    await lab.get(`/private/${QUERY}`, {
      headers: { Authorization: `Bearer ${canary('logged')}`, Cookie: `sid=${canary('loggedcookie')}`, Host: `127.0.0.1:${lab.port(0)}` },
    });
    const logs = ['--error-log', join(lab.directory, 'error.log'), '--access-log', join(lab.directory, 'leaky.log')];
    await expectSilentInEveryForm(['--nginx', lab.configPath, ...logs, `http://127.0.0.1:${lab.port(0)}/private/${QUERY}`], 1);
  });

  it('what can not be reached, and what the configuration gets wrong', async () => {
    await using lab = await startSite('deny all;');
    const broken = join(lab.directory, 'broken.conf');
    writeFileSync(broken, `events {}\nhttp { server { set $api_key "${canary('broken')}" deny all } }\n`);
    expectSilent(await why403(['diagnose', ...REQUEST, '--nginx', broken, `http://127.0.0.1:1/${QUERY}`], { env: { WHY403_DEBUG: '1' } }));
    expectSilent(await why403(['diagnose', ...REQUEST, `http://127.0.0.1:1/${QUERY}`], { env: { WHY403_DEBUG: '1' } }));
    expectSilent(
      await why403(['diagnose', ...REQUEST, `http://u:${canary('badport')}@127.0.0.1:1x/${QUERY}`], { env: { WHY403_DEBUG: '1' } }),
    );
    expectSilent(
      await why403(['diagnose', `--haeder=${canary('flag')}`, `--cookei`, canary('value'), 'http://127.0.0.1:1/'], {
        env: { WHY403_DEBUG: '1' },
      }),
    );
  });

  it('the patch without its secret context still fits', async () => {
    await using lab = await startSite('deny all;');
    const { stdout } = await why403(['diagnose', '--json', '--no-proof', `http://127.0.0.1:${lab.port(0)}/private/`]);
    const [step] = readReport(stdout).fix?.steps ?? [];
    if (step?.kind !== 'patch') throw new Error(`no patch: ${stdout}`);
    expect(step.file).toBe(lab.configPath);
    const scratch = join(lab.directory, 'scratch');
    mkdirSync(scratch);
    const [copy, diff] = [join(scratch, 'nginx.conf'), join(scratch, 'fix.diff')];
    writeFileSync(copy, lab.config);
    writeFileSync(diff, step.diff);
    execFileSync('patch', ['-p0', '--batch', copy, diff]);
    expect(readFileSync(copy, 'utf8')).toBe(lab.config.replace(/( *)deny all;/, '$1allow 127.0.0.1;\n$1deny all;'));
  });

  it('a change on the very line of a secret is told in words', async () => {
    await using lab = await startSite(`set $token "${canary('line')}"; deny all;`);
    const { stdout } = await why403(['diagnose', '--json', `http://127.0.0.1:${lab.port(0)}/private/`]);
    expect(ANY.exec(stdout)).toBeNull();
    const { fix } = readReport(stdout);
    expect(fix?.proof.status).toBe('proven');
    expect(fix?.steps[0]).toMatchObject({ kind: 'manual' });
    expect(JSON.stringify(fix?.steps[0])).toMatch(/insert `allow 127\.0\.0\.1;` at line \d+, column \d+/);
  });

  it.skipIf(!isRoot)('backups of what --apply changed are for their owner only', async () => {
    await using lab = await startSite('deny all;');
    const ended = await why403(['diagnose', '--apply', `http://127.0.0.1:${lab.port(0)}/private/`]);
    expectSilent(ended);
    const backup = /Backup: (.*)/.exec(ended.stderr)?.[1] ?? '';
    try {
      expect(statSync(backup).mode & 0o777).toBe(0o600);
    } finally {
      rmSync(dirname(backup), { recursive: true, force: true });
    }
  });
});
