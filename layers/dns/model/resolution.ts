import type { LayerReport } from '@why403/terms/house';

/** One address a name leads to. */
export interface Resolved {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Where the addresses come from: the URL itself, `--resolve`, RFC 6761 for localhost, or the system's resolver. */
export type ResolutionSource = 'literal' | 'override' | 'localhost' | 'system';

/** What came of asking where a name leads. `isHere` speaks of the first address. */
export type Resolution =
  | {
      readonly state: 'resolved';
      readonly source: ResolutionSource;
      /** In the order in which to try them. */
      readonly addresses: readonly [Resolved, ...Resolved[]];
      /** Whether the first address is this machine's own. */
      readonly isHere: boolean;
      /** Whether some of the addresses are this machine's and others are not: clients then see different servers. */
      readonly isMixed: boolean;
    }
  | {
      readonly state: 'failed';
      /** `no-name`: it does not exist. `no-address`: it exists without an address of the wanted kind. */
      readonly kind: 'no-name' | 'no-address' | 'temporary' | 'timeout' | 'invalid';
      readonly says: string;
      readonly hint: string | null;
      /** getaddrinfo's own word for it. */
      readonly code: string | null;
    };

/** The dns layer of the report. A name that doesn't exist is no refusal by anybody, but nothing gets past it either. */
export function dnsReport(resolution: Resolution): LayerReport {
  if (resolution.state === 'resolved') return { layer: 'dns', verdict: resolution.source === 'literal' ? 'not-present' : 'passed' };
  const isFinal = resolution.kind === 'no-name' || resolution.kind === 'no-address' || resolution.kind === 'invalid';
  return isFinal ? { layer: 'dns', verdict: 'refused' } : { layer: 'dns', verdict: 'undetermined', missing: [resolution.says] };
}
