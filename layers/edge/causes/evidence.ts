import type { ClientAddresses } from '../model/client-addresses.ts';

declare module '@why403/decision' {
  interface Kinds {
    /** How a server came by the client's address that its rules were asked about, from any server. */
    'edge/client-addresses': ClientAddresses;
  }
}
