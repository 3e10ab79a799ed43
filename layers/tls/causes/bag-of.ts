import { type Bag, type Evidence, gathered, unavailable } from '@why403/decision';
import type { ClientVerification, PresentedCertificate, VerifyResult } from '../model/client-verification.ts';

/**
 * A case of what a server makes of client certificates, in August 2026:
 * - `result`: `none`, `failed`, OpenSSL's words, or its number; `status` (400)
 * - `subject`, `issuer`, `from`, `until` (dates), `usages` (OIDs), `vouched` (true, false): of the certificate
 * - `authorities` (names) of /etc/ssl/clients.pem; `crl: true` when a list of revoked certificates is asked
 * - `at` (0), `confidence` (0.98); `admitted: true`: no certificate was in the way; `missing`; `unavailable: why`
 */
interface Given {
  readonly result?: string | number;
  readonly status?: number;
  readonly subject?: string;
  readonly issuer?: string;
  readonly from?: string;
  readonly until?: string;
  readonly usages?: readonly string[];
  readonly vouched?: boolean;
  readonly authorities?: readonly string[];
  readonly crl?: boolean;
  readonly at?: number;
  readonly confidence?: number;
  readonly admitted?: boolean;
  readonly missing?: readonly string[];
  readonly unavailable?: string;
}

const KNOWN = new Set<string>([
  'result',
  'status',
  'subject',
  'issuer',
  'from',
  'until',
  'usages',
  'vouched',
  'authorities',
  'crl',
  'at',
  'confidence',
  'admitted',
  'missing',
  'unavailable',
] satisfies readonly (keyof Given)[]);

const FILE = '/etc/server.conf';
const NOW = Date.parse('2026-08-01T00:00:00Z');

export function bagOf(given: Readonly<Record<string, unknown>>): Bag {
  const strange = Object.keys(given).filter((key) => !KNOWN.has(key));
  if (strange.length > 0) throw new Error(`given: nobody reads ${strange.join(', ')}`);
  // The runner hands over whatever the YAML holds; the members are told in `Given`.
  const one = given as Given;
  if (one.unavailable !== undefined) return { 'tls/client-verifications': unavailable(one.unavailable) };
  const verification: ClientVerification = {
    at: one.at ?? 0,
    confidence: one.confidence ?? 0.98,
    result: resultOf(one.result ?? 'failed'),
    status: one.status ?? 400,
    rule: quote(5, 'ssl_verify_client on;', 'Certificates are asked for here.'),
    authorities:
      one.authorities === undefined
        ? null
        : {
            file: '/etc/ssl/clients.pem',
            quote: quote(4, 'ssl_client_certificate /etc/ssl/clients.pem;', 'Certificates of these authorities are accepted.'),
            names: one.authorities,
          },
    revocation: one.crl === true ? quote(6, 'ssl_crl /etc/ssl/crl.pem;', 'Certificates on this list are refused.') : null,
    certificate: one.subject === undefined ? null : certificateOf(one, one.subject),
    time: NOW,
    observed: [],
  };
  return {
    'tls/client-verifications': gathered({ verifications: one.admitted === true ? [] : [verification], missing: one.missing ?? [] }),
  };
}

function resultOf(text: string | number): VerifyResult {
  if (text === 'none') return { kind: 'none' };
  if (text === 'failed') return { kind: 'failed', number: null, words: null };
  return typeof text === 'number' ? { kind: 'failed', number: text, words: null } : { kind: 'failed', number: null, words: text };
}

function certificateOf(one: Given, subject: string): PresentedCertificate {
  return {
    subject,
    issuer: one.issuer ?? 'CN=authority',
    notBefore: Date.parse(one.from ?? '2026-01-01'),
    notAfter: Date.parse(one.until ?? '2027-01-01'),
    usages: one.usages ?? null,
    isVouchedFor: one.vouched ?? null,
  };
}

function quote(line: number, text: string, says: string): Evidence {
  return { kind: 'config', file: FILE, line, text, says, audience: 'operator' };
}
