import { hasNginx, type Lab, startLab } from '@why403/nginx/lab';
import { describe, expect, it } from 'vitest';
import { authority } from './authority.ts';
import { diagnosed } from './why403.ts';

function labWith(server: string, level = 'info'): Promise<Lab> {
  return startLab({
    tree: { 'index.html': { type: 'file', text: 'ok\n' } },
    files: authority(),
    http: ({ directory, root, port }) => `error_log ${directory}/error.log ${level};
      server {
        listen 127.0.0.1:${port(0)} ssl;
        ssl_certificate ${directory}/tls/site.pem;
        ssl_certificate_key ${directory}/tls/site.key;
        ssl_client_certificate ${directory}/tls/ca.pem;
        root ${root};
        ${server.replaceAll('CRL', `${directory}/tls/crl.pem`)}
      }`,
  });
}

async function askAs(lab: Lab, client: string | null) {
  const shown = client === null ? [] : ['--cert', `${lab.directory}/tls/${client}.pem`, '--key', `${lab.directory}/tls/${client}.key`];
  const { report, code } = await diagnosed(['-k', ...shown, `https://127.0.0.1:${lab.port(0)}/`]);
  return { report, code, first: report.findings[0], told: JSON.stringify(report, null, 1) };
}

const FAULTS = [
  [null, 'tls/client-certificate-missing', ''],
  ['expired', 'tls/client-certificate-expired', 'has expired (its last day was 2020-02-01)'],
  ['early', 'tls/client-certificate-expired', 'is not valid yet'],
  ['foreign', 'tls/client-certificate-untrusted', 'CN=foreign'],
  ['server', 'tls/client-certificate-wrong-usage', ''],
  ['revoked', 'tls/client-certificate-revoked', ''],
] as const;

describe.skipIf(!hasNginx)('ssl_verify_client on', () => {
  for (const [client, cause, words] of FAULTS) {
    it.concurrent(`${cause} for ${client ?? 'nobody'}: a refusal, though nginx says 400`, async () => {
      await using lab = await labWith('ssl_verify_client on; ssl_crl CRL;');
      const { report, first, code, told } = await askAs(lab, client);
      expect([report.outcome, report.observed?.status, code], told).toEqual(['refused', 400, 1]);
      expect(first?.cause, told).toBe(cause);
      expect(first?.certainty, told).toBe('proven');
      expect(first?.title, told).toContain(words);
      expect(
        first?.evidence.map((one) => one.text),
        told,
      ).toContain('ssl_verify_client on;');
      expect(report.meaning, told).toContain('should be told as 403');
      expect(report.observed?.masks?.status, told).toBe(client === null ? 496 : 495);
    });

    it.skipIf(client === 'revoked').concurrent(`${cause} for ${client ?? 'nobody'}, where nginx keeps the reason to itself`, async () => {
      await using lab = await labWith('ssl_verify_client on; access_log off;', 'error');
      const { first, told } = await askAs(lab, client);
      expect(first?.cause, told).toBe(cause);
    });
  }

  it('lets a good certificate in', async () => {
    await using lab = await labWith('ssl_verify_client on; ssl_crl CRL;');
    const { report, told } = await askAs(lab, 'good');
    expect([report.outcome, report.observed?.status], told).toEqual(['allowed', 200]);
  });

  it('is no explanation of what a rule refuses after it', async () => {
    await using lab = await labWith('ssl_verify_client on; deny all;');
    const { first, told } = await askAs(lab, 'good');
    expect(first?.cause, told).toBe('nginx/deny-rule');
    expect(told).not.toContain('tls/client');
  });

  it('is seen behind an error page that gives it another status', async () => {
    await using lab = await labWith(
      'ssl_verify_client on; error_page 495 496 =403 /no.html; location = /no.html { internal; return 403 no; }',
    );
    const { report, first, told } = await askAs(lab, null);
    expect([report.outcome, report.observed?.status], told).toEqual(['refused', 403]);
    expect(first?.cause, told).toBe('tls/client-certificate-missing');
  });
});

describe.skipIf(!hasNginx)('ssl_verify_client optional', () => {
  const server = 'ssl_verify_client optional; if ($ssl_client_verify != SUCCESS) { return 403; }';

  it.each([null, 'foreign', 'expired'])('with a return for whoever shows none that is accepted (%s)', async (client) => {
    await using lab = await labWith(server);
    const { report, first, told } = await askAs(lab, client);
    if (client === null) {
      expect(first?.cause, told).toBe('nginx/mtls-return-403');
      expect(report.observed?.status, told).toBe(403);
    } else {
      // Even optional, a certificate that was shown must be good (ngx_http_process_request).
      expect([report.outcome, report.observed?.status], told).toEqual(['refused', 400]);
      expect(first?.cause, told).toContain('tls/client-certificate-');
    }
  });
});
