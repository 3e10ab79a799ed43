import type { Evidence } from '@why403/decision';
import { describe, expect, it } from 'vitest';
import type { ClientVerification, PresentedCertificate, VerifyResult } from './client-verification.ts';
import { faultOf } from './fault.ts';

const rule: Evidence = { kind: 'config', says: 'it asks', audience: 'operator' };
const NOW = 1_700_000_000_000;
const DAY = 86_400_000;
const sound: PresentedCertificate = {
  subject: 'CN=a',
  issuer: 'CN=b',
  notBefore: NOW - DAY,
  notAfter: NOW + DAY,
  usages: null,
  isVouchedFor: true,
};

function fault(result: VerifyResult, certificate: PresentedCertificate | null = null, revocation: Evidence | null = null) {
  const told: ClientVerification = {
    at: 0,
    confidence: 1,
    result,
    status: 400,
    rule,
    authorities: null,
    revocation,
    certificate,
    time: NOW,
    observed: [],
  };
  return faultOf(told)?.fault ?? null;
}

const said = (number: number | null, words: string | null): VerifyResult => ({ kind: 'failed', number, words });

describe('faultOf', () => {
  it.each([
    [10, 'certificate has expired', 'expired'],
    [9, 'certificate is not yet valid', 'expired'],
    [18, 'self-signed certificate', 'untrusted'],
    [18, 'self signed certificate', 'untrusted'],
    [20, 'unable to get local issuer certificate', 'untrusted'],
    [26, 'unsuitable certificate purpose', 'wrong-usage'],
    [26, 'unsupported certificate purpose', 'wrong-usage'],
    [23, 'certificate revoked', 'revoked'],
    [12, 'CRL has expired', 'revocation-list'],
    [3, 'unable to get certificate CRL', 'revocation-list'],
  ] as const)('reads %i %s by its number or its words', (number, words, expected) => {
    expect([fault(said(number, null)), fault(said(null, words))]).toEqual([expected, expected]);
  });

  it('knows that there was none', () => {
    expect(fault({ kind: 'none' })).toBe('missing');
  });

  it('reads what the server kept to itself off the certificate', () => {
    const silent = said(null, null);
    expect(fault(silent, { ...sound, notAfter: NOW - 1 })).toBe('expired');
    expect(fault(silent, { ...sound, notBefore: NOW + 1 })).toBe('expired');
    expect(fault(silent, { ...sound, isVouchedFor: false, notAfter: NOW - 1 })).toBe('untrusted');
    expect(fault(silent, { ...sound, usages: ['1.3.6.1.5.5.7.3.1'] })).toBe('wrong-usage');
    expect(fault(silent, { ...sound, usages: ['1.3.6.1.5.5.7.3.2'] })).toBeNull();
    expect(fault(silent, sound, rule)).toBe('revoked');
  });

  it('blames no list of revoked certificates for an authority that nobody knows', () => {
    expect(fault(said(3, null), { ...sound, isVouchedFor: false })).toBe('untrusted');
    expect(fault(said(3, null), sound)).toBe('revocation-list');
  });

  it('takes words that it does not know for no fault of its own finding', () => {
    expect(fault(said(99, 'something new'), { ...sound, notAfter: NOW - 1 })).toBeNull();
    expect(fault(said(null, null))).toBeNull();
  });
});
