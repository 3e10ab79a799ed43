import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TreeSpec } from './tree.ts';

export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface Certificates {
  /** `tls/ca.pem`, `tls/server.pem` and `tls/server.key`, to be planted in a lab's folder. */
  readonly files: TreeSpec;
  /** Clients' own: one of the authority in `tls/ca.pem`, one that nobody vouches for. */
  readonly clients: { readonly good: KeyPair; readonly foreign: KeyPair };
}

let made: Certificates | undefined;

/** Certificates for labs, made by openssl once per process, since none may lie in a repository. */
export function certificates(): Certificates {
  made ??= make();
  return made;
}

function make(): Certificates {
  const directory = mkdtempSync(join(tmpdir(), 'why403-certificates-'));
  try {
    const create = (name: string, ...more: readonly string[]): KeyPair => {
      const file = (kind: string): string => join(directory, `${name}.${kind}`);
      const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
      execFileSync(
        'openssl',
        ['req', '-x509', ...curve, '-days', '30', '-subj', `/CN=${name}`, '-keyout', file('key'), '-out', file('pem'), ...more],
        {
          stdio: 'ignore',
        },
      );
      return { cert: readFileSync(file('pem'), 'latin1'), key: readFileSync(file('key'), 'latin1') };
    };
    const authority = create('authority');
    const byAuthority = ['-CA', join(directory, 'authority.pem'), '-CAkey', join(directory, 'authority.key')];
    const server = create('server', ...byAuthority);
    return {
      files: {
        'tls/ca.pem': { type: 'file', text: authority.cert },
        'tls/server.pem': { type: 'file', text: server.cert },
        'tls/server.key': { type: 'file', text: server.key, mode: 0o600 },
      },
      clients: { good: create('client', ...byAuthority), foreign: create('foreign') },
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
