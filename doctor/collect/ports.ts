import type { House, LayerReport, Listener } from '@why403/terms/house';
import type { Exchange, Question } from '@why403/terms/request';

/** Where a name leads. `addresses` is empty when it leads nowhere; `why` then says so. */
export interface Destination {
  /** In the order in which they are tried. */
  readonly addresses: readonly string[];
  /** Whether the first is this machine's own. */
  readonly here: boolean;
  /** Whether the connection goes to these addresses themselves, and not to a proxy that leads there. */
  readonly isDirect: boolean;
  /** Where the connection goes: the question's port unless a proxy or a flag leads elsewhere. */
  readonly port: number;
  readonly layer: LayerReport;
  readonly why: string | null;
}

/** What came of sending the one request. */
export type Sent =
  | { readonly state: 'answered'; readonly exchange: Exchange; readonly layers: readonly LayerReport[] }
  | {
      readonly state: 'failed';
      readonly says: string;
      readonly layers: readonly LayerReport[];
      /** Whether the server took the connection and ended it without a word. */
      readonly wasClosed: boolean;
    };

/** The doctor's hands: everything that touches the world comes in through here. */
export interface Ports {
  readonly resolve: (question: Question) => Promise<Destination>;
  readonly listenerAt: (
    address: string,
    port: number,
  ) => Promise<{ readonly listener: Listener | null; readonly notes: readonly string[]; readonly blind: readonly string[] }>;
  readonly send: (question: Question, addresses: readonly string[]) => Promise<Sent>;
  readonly houses: readonly (() => Promise<House>)[];
  readonly now: () => number;
}
