import type { AppResponses } from '../model/app-responses.ts';

declare module '@why403/decision' {
  interface Kinds {
    /** Refusals that came from what is behind a server, from any server. */
    'app/responses': AppResponses;
  }
}
