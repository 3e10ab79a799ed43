export type { ClientVerification, ClientVerifications, PresentedCertificate, VerifyResult } from './model/client-verification.ts';
// What houses put into a bag under 'tls/client-verifications'.
export type * from './causes/evidence.ts';
