import type { Mismatches } from '../model/mismatch.ts';

declare module '@why403/decision' {
  interface Kinds {
    /** Requests that came by the wrong scheme or with a method that nobody answers, from any server. */
    'client/mismatches': Mismatches;
  }
}
