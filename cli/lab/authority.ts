import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabSpec } from '@why403/nginx/lab';

/** Clients of one authority, each with another fault, and one that made its own certificate. */
const CLIENTS = {
  good: [],
  expired: ['-startdate', '20200101000000Z', '-enddate', '20200201000000Z'],
  early: ['-startdate', '20480101000000Z', '-enddate', '20490101000000Z'],
  server: ['-extensions', 'for_servers'],
  revoked: [],
} as const;

type Client = keyof typeof CLIENTS | 'foreign';

let made: NonNullable<LabSpec['files']> | undefined;

/**
 * `tls/ca.pem`, `tls/site.pem`, `tls/site.key`, `tls/crl.pem`, and `tls/CLIENT.pem`, `tls/CLIENT.key` of every client, to be
 * planted in a lab's folder: made by openssl once per process, since none may lie in a repository.
 */
export function authority(): NonNullable<LabSpec['files']> {
  made ??= make();
  return made;
}

function make(): NonNullable<LabSpec['files']> {
  const directory = mkdtempSync(join(tmpdir(), 'why403-authority-'));
  try {
    const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, { cwd: directory, stdio: 'ignore' });
    const fresh = (name: string): readonly string[] => [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
    ];
    mkdirSync(join(directory, 'issued'));
    writeFileSync(join(directory, 'index'), '');
    writeFileSync(join(directory, 'serial'), '01');
    writeFileSync(join(directory, 'ca.conf'), CONF);
    openssl('req', '-x509', ...fresh('ca'), '-days', '30', '-out', 'ca.pem');
    openssl('req', '-x509', ...fresh('foreign'), '-days', '30', '-out', 'foreign.pem');
    openssl('req', '-x509', ...fresh('site'), '-days', '30', '-out', 'site.pem');
    for (const [name, more] of Object.entries(CLIENTS)) {
      openssl('req', '-new', ...fresh(name), '-out', `${name}.csr`);
      openssl('ca', '-config', 'ca.conf', '-batch', '-notext', '-in', `${name}.csr`, '-out', `${name}.pem`, ...more);
    }
    openssl('ca', '-config', 'ca.conf', '-revoke', 'revoked.pem');
    openssl('ca', '-config', 'ca.conf', '-gencrl', '-out', 'crl.pem');
    const clients: readonly Client[] = ['good', 'expired', 'early', 'server', 'revoked', 'foreign'];
    const names = ['ca.pem', 'crl.pem', ...['site', ...clients].flatMap((name) => [`${name}.pem`, `${name}.key`])];
    return Object.fromEntries(names.map((name) => [`tls/${name}`, { type: 'file', text: readFileSync(join(directory, name), 'latin1') }]));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const CONF = `[ca]
default_ca = own
[own]
database = index
serial = serial
new_certs_dir = issued
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 5
default_crl_days = 5
policy = any
[any]
commonName = supplied
[for_servers]
extendedKeyUsage = serverAuth
`;
