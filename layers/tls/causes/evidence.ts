import type { ClientVerifications } from '../model/client-verification.ts';

declare module '@why403/decision' {
  interface Kinds {
    /** Requests that were refused for the certificate their client presented or didn't, from any server. */
    'tls/client-verifications': ClientVerifications;
  }
}
