import { defineCause } from '@why403/decision';
import type { KeyedRefusal, Reading } from '../../model/client-addresses.ts';
import { isEverywhere, trustOf } from '../../model/trust.ts';
import {
  detectKeyed,
  type Draft,
  forwardedEvidence,
  KEYED_ON_ADDRESS,
  readingOf,
  remediesOf,
  trustEvidence,
  verdictOn,
  weigh,
} from '../keyed.ts';

/** A forwarding header was read, but at the wrong place: a trusted proxy's own address, or one that anybody could have written. */
export const cause = defineCause({
  id: 'edge/xff-spoof-or-order',
  layer: 'edge',
  title: 'The address was taken from the wrong place in the forwarding header',
  refines: KEYED_ON_ADDRESS,
  needs: ['edge/client-addresses'],
  detect: (evidence) => detectKeyed(evidence['edge/client-addresses'], see),
});

function see(refusal: KeyedRefusal): Draft {
  if (refusal.used === refusal.peer) return null;
  const left = readingOf(refusal, 'pass-over-trusted');
  if (left !== null) return stoppedTooSoon(refusal, left);
  const right = readingOf(refusal, 'trust-fewer');
  return right === null ? null : wentTooFar(refusal, right);
}

/** Proxies append on the right: the last address is the one that the nearest proxy saw, which may be another proxy. */
function stoppedTooSoon(refusal: KeyedRefusal, reading: Reading): Draft {
  const { used, trusted } = refusal;
  const by = trustOf(trusted, used);
  if (by === null || by === 'unknown') return null;
  return {
    title: `The rule was asked about ${used}, one of the trusted proxies, and not about the client ${reading.address}`,
    why: `Every proxy appends to ${reading.header} whom it saw, and only the last address was looked at. That is ${used}, which is itself trusted as a proxy (${by.network}); the first one to the left that is not is ${reading.address}, and ${verdictOn(reading)}.`,
    evidence: [
      { ...by.rule, says: `${used} is a trusted proxy by this, and so no client.` },
      forwardedEvidence(reading, 'This stands further left in the same header.'),
    ],
    remedies: remediesOf(reading, `Tell the server to pass over the trusted proxies in ${reading.header}.`),
    // The server's own list says what the address is; no header has to be believed for that.
    weight: weigh(true, reading),
  };
}

/** Trusting everybody leads to the leftmost address, which the client itself can have written. */
function wentTooFar(refusal: KeyedRefusal, reading: Reading): Draft {
  const { used, trusted } = refusal;
  const everywhere = trusted.filter(({ network }) => isEverywhere(network));
  if (everywhere.length === 0) return null;
  return {
    title: `The rule was asked about ${used}, the leftmost address in ${reading.header}, which anybody can write there`,
    why: `Every address is trusted as a proxy, so all of ${reading.header} was passed over down to its leftmost entry, which is whatever the client or a proxy of its own sent. The nearest proxy saw ${reading.address}, and ${verdictOn(reading)}.`,
    evidence: [
      ...trustEvidence(everywhere, () => 'This trusts every address to name the client.'),
      forwardedEvidence({ header: reading.header, address: used }, 'The address that was used stands leftmost.'),
      forwardedEvidence(reading, 'This one was added by the nearest proxy.'),
    ],
    remedies: remediesOf(reading, "Trust only your own proxies' networks to name the client."),
    weight: weigh(refusal.carriesMany === true, reading),
  };
}
