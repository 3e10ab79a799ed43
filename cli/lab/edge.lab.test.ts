import { hasNginx, type Lab, startLab } from '@why403/nginx/lab';
import { describe, expect, it } from 'vitest';
import { diagnosed } from './why403.ts';

const HEADER = 'X-Forwarded-For: 203.0.113.9';

function labWith(server: string, http = ''): Promise<Lab> {
  return startLab({
    tree: { 'index.html': { type: 'file', text: 'ok\n' }, 'office/index.html': { type: 'file', text: 'ok\n' } },
    http: ({ root, port }) => `${http}\nserver {\n  listen 127.0.0.1:${port(0)};\n  root ${root};\n  ${server}\n}\n`,
  });
}

/** This machine's own address plays the balancer: the request comes from it and names another client. */
async function told(lab: Lab, header = HEADER) {
  const { report } = await diagnosed(['-H', header, `http://127.0.0.1:${lab.port(0)}/office/`]);
  return { first: report.findings[0], fix: report.fix, all: JSON.stringify(report, null, 1) };
}

const patchOf = (fix: Awaited<ReturnType<typeof told>>['fix']): string =>
  (fix?.steps ?? []).map((step) => (step.kind === 'patch' ? step.diff : '')).join('\n');

describe.skipIf(!hasNginx)('an address that is a proxy’s', () => {
  it('is trusted, and nobody else, when the allow list was written for those behind it', async () => {
    await using lab = await labWith('location /office/ { allow 203.0.113.0/24; deny all; }');
    const { first, fix, all } = await told(lab);
    expect(first?.cause, all).toBe('edge/client-ip-is-proxy');
    expect(first?.certainty, all).toBe('likely');
    expect(first?.refines, all).toContain('nginx/allow-list-miss');
    expect(fix?.proof, all).toMatchObject({ status: 'proven', by: 'server', before: 403, after: 200 });
    expect(patchOf(fix)).toContain('+  set_real_ip_from 127.0.0.1;\n+  real_ip_header X-Forwarded-For;\n');
  });

  it('is added to a trust list that names its neighbor', async () => {
    await using lab = await labWith(
      'location /office/ { allow 203.0.113.0/24; deny all; }',
      'set_real_ip_from 127.0.0.7; real_ip_header X-Forwarded-For;',
    );
    const { first, fix, all } = await told(lab);
    expect(first?.cause, all).toBe('edge/realip-trust-missing');
    expect(first?.certainty, all).toBe('proven');
    expect(fix?.proof, all).toMatchObject({ status: 'proven', before: 403, after: 200 });
    expect(patchOf(fix)).toContain('+  set_real_ip_from 127.0.0.7;\n+  set_real_ip_from 127.0.0.1;\n');
  });

  it('is passed over when it is trusted itself', async () => {
    await using lab = await labWith(
      'set_real_ip_from 127.0.0.0/24; real_ip_header X-Forwarded-For; location /office/ { allow 203.0.113.0/24; deny all; }',
    );
    const { first, fix, all } = await told(lab, `${HEADER}, 127.0.0.9`);
    expect(first?.cause, all).toBe('edge/xff-spoof-or-order');
    expect(first?.certainty, all).toBe('proven');
    expect(fix?.proof, all).toMatchObject({ status: 'proven', before: 403, after: 200 });
    expect(patchOf(fix)).toContain('+  real_ip_recursive on;\n');
  });

  it('may be another than this machine’s, when it is only told', async () => {
    await using lab = await labWith('location /office/ { allow 203.0.113.0/24; deny all; }');
    const { report } = await diagnosed([
      '--nginx',
      lab.configPath,
      '--from',
      '10.0.0.5',
      '-H',
      HEADER,
      `http://127.0.0.1:${lab.port(0)}/office/`,
    ]);
    const all = JSON.stringify(report, null, 1);
    expect(report.findings[0]?.cause, all).toBe('edge/client-ip-is-proxy');
    expect(patchOf(report.fix), all).toContain('+  set_real_ip_from 10.0.0.5;\n');
    expect(report.fix?.proof, all).toMatchObject({ status: 'proven', by: 'server', before: 403, after: 200 });
  });

  it('does not hide a list that the client behind it is not on', async () => {
    await using lab = await labWith('location /office/ { allow 192.0.2.0/24; deny all; }');
    const { first, all } = await told(lab);
    expect(first?.cause, all).toBe('nginx/allow-list-miss');
  });

  it('is no cause where the rule is for everyone', async () => {
    await using lab = await labWith('location /office/ { deny all; }');
    const { first, all } = await told(lab);
    expect(first?.cause, all).toBe('nginx/deny-rule');
    expect(all).not.toContain('"edge/');
  });

  it('is no cause where the header was believed', async () => {
    await using lab = await labWith(
      'set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For; location /office/ { allow 192.0.2.0/24; deny all; }',
    );
    const { first, all } = await told(lab);
    expect(first?.cause, all).toBe('nginx/allow-list-miss');
    expect(all).not.toContain('"edge/');
  });
});

describe.skipIf(!hasNginx)('what is behind', () => {
  const labBehind = (answer: string) =>
    startLab({
      ports: 2,
      http: ({ port }) =>
        `server { listen 127.0.0.1:${port(0)}; location / { proxy_pass http://127.0.0.1:${port(1)}; } }\n` +
        `server { listen 127.0.0.1:${port(1)}; ${answer} }`,
    });

  it('refused with its reason', async () => {
    await using lab = await labBehind(`default_type application/json; return 403 '{"message":"the role editor is needed"}';`);
    const { first, all } = await told(lab);
    expect(first?.cause, all).toBe('app/refused');
    expect(first?.title, all).toContain('the role editor is needed');
    expect(first?.refines, all).toContain('nginx/proxied-403');
  });

  it('is one more server when the page is a server’s own', async () => {
    await using lab = await labBehind('return 403;');
    const { first, all } = await told(lab);
    expect(first?.cause, all).toBe('nginx/proxied-403');
    expect(all).not.toContain('"app/refused"');
  });
});
