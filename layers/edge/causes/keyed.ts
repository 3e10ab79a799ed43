import {
  type CauseId,
  type Detection,
  type Evidence,
  type Gathered,
  isSome,
  type Remedy,
  type Sighting,
  type Some,
} from '@why403/decision';
import type { ClientAddresses, KeyedRefusal, Reading, Trusted } from '../model/client-addresses.ts';
import type { ForwardedAddress } from '../model/forwarding.ts';

/** The causes of servers' houses that a mistaken address can be behind, most specific first. */
export const KEYED_ON_ADDRESS: readonly CauseId[] = [
  'nginx/deny-before-allow',
  'nginx/ipv6-or-v4-only-rule',
  'nginx/allow-list-miss',
  'nginx/limit-except',
  'nginx/satisfy-all-conflict',
  'nginx/index-redirect-into-denied-location',
  'nginx/deny-rule',
  'nginx/address-block',
  'nginx/geo-map-block',
  'nginx/return-403',
];

/** What a cause says of one refusal: what it found, why it can't tell, or null when it isn't this. */
export type Draft =
  | {
      readonly title: string;
      readonly why: string;
      /** Beside the rule itself, which is quoted first. */
      readonly evidence: readonly Evidence[];
      readonly remedies: Some<Remedy>;
      readonly weight: number;
    }
  | { readonly missing: string }
  | null;

/** Holds every refusal against a cause. Nothing seen is `excluded` only when nothing was left open. */
export function detectKeyed(gathered: Gathered<ClientAddresses>, see: (refusal: KeyedRefusal) => Draft): Detection {
  if (gathered.state === 'unavailable') return { verdict: 'undetermined', missing: [gathered.missing] };
  const sightings: Sighting[] = [];
  const missing = [...gathered.value.missing];
  for (const refusal of gathered.value.refusals) {
    const draft = see(refusal);
    if (draft === null) continue;
    if ('missing' in draft) missing.push(draft.missing);
    else sightings.push(sightingOf(refusal, draft));
  }
  if (isSome(sightings)) return { verdict: 'found', sightings };
  return isSome(missing) ? { verdict: 'undetermined', missing } : { verdict: 'excluded' };
}

function sightingOf(refusal: KeyedRefusal, draft: Exclude<Draft, null | { readonly missing: string }>): Sighting {
  return {
    at: refusal.at,
    title: draft.title,
    why: draft.why,
    confidence: refusal.confidence * draft.weight,
    evidence: [refusal.rule, ...draft.evidence, ...refusal.observed],
    remedies: draft.remedies,
  };
}

/**
 * How sure a mistaken address is. A forwarding header proves nothing by itself, since any client can send
 * one; that the rule would admit the address in it speaks for it, and what is known of the peer settles it.
 */
const WEIGHT = { peerIsKnown: 0.99, wouldBeAdmitted: 0.85, notKnown: 0.7, refusedEitherWay: 0.6 } as const;

export function weigh(isPeerKnown: boolean, { isAdmitted }: Pick<Reading, 'isAdmitted'>): number {
  if (isPeerKnown) return WEIGHT.peerIsKnown;
  if (isAdmitted === null) return WEIGHT.notKnown;
  return isAdmitted ? WEIGHT.wouldBeAdmitted : WEIGHT.refusedEitherWay;
}

export function readingOf(refusal: KeyedRefusal, how: Reading['how']): Reading | null {
  return refusal.readings.find((one) => one.how === how) ?? null;
}

/** Quotes what a forwarding header named. */
export function forwardedEvidence({ header, address }: Pick<ForwardedAddress, 'header' | 'address'>, says: string): Evidence {
  return { kind: 'probe', text: `${header}: ${address}`, says, audience: 'operator' };
}

export function carriedEvidence({ carriesMany, peer }: KeyedRefusal): readonly Evidence[] {
  if (carriesMany !== true) return [];
  return [{ kind: 'log', says: `By the access log many different clients come through ${peer}.`, audience: 'operator' }];
}

/** Most lines of a trust list that are quoted. */
const QUOTED = 4;

export function trustEvidence(trusted: readonly Trusted[], says: (one: Trusted) => string): readonly Evidence[] {
  const quoted = trusted.slice(0, QUOTED).map((one): Evidence => ({ ...one.rule, says: says(one) }));
  const rest = trusted.length - quoted.length;
  if (rest === 0) return quoted;
  return [...quoted, { kind: 'config', says: `${rest} more trusted networks are listed.`, audience: 'operator' }];
}

/** What the rule would say of the address, as the end of a sentence. */
export function verdictOn({ address, isAdmitted }: Reading): string {
  if (isAdmitted === null) return `what the rules say of ${address} could not be told`;
  return isAdmitted ? `${address} would be let in` : `${address} is refused by these rules too`;
}

/** The house's own remedies, or words where it has none. */
export function remediesOf(reading: Reading, otherwise: string): Some<Remedy> {
  return isSome(reading.remedies) ? reading.remedies : [byHand(otherwise, otherwise)];
}

export function byHand(say: string, text: string): Remedy {
  return { who: 'operator', say, apply: 'by-hand', steps: [{ kind: 'manual', text }] };
}
