import { defineCause, type Evidence } from '@why403/decision';
import type { KeyedRefusal, Reading } from '../../model/client-addresses.ts';
import { trustOf } from '../../model/trust.ts';
import {
  byHand,
  carriedEvidence,
  detectKeyed,
  type Draft,
  forwardedEvidence,
  KEYED_ON_ADDRESS,
  readingOf,
  remediesOf,
  verdictOn,
  weigh,
} from '../keyed.ts';
import { isHeaderSent } from '../sent.ts';

/** Someone who sends no header may still be a proxy: what is known of others tells. */
const BY_OTHERS_ALONE = 0.85;
/** A refusal less sure than this has doubts of its own, which come first. */
const SURE = 0.95;

/** The rule was asked about the address of a proxy or load balancer in front, and nobody told the server to look behind it. */
export const cause = defineCause({
  id: 'edge/client-ip-is-proxy',
  layer: 'edge',
  title: 'The rule was asked about the address of a proxy in front, not of the client',
  refines: KEYED_ON_ADDRESS,
  needs: ['edge/client-addresses'],
  detect: (evidence) => detectKeyed(evidence['edge/client-addresses'], see),
});

function see(refusal: KeyedRefusal): Draft {
  const { used, peer, header, trusted } = refusal;
  if (used !== peer) return null;
  const trust = trustOf(trusted, peer);
  // Who is trusted and is heard is believed; who is heard and not trusted is another cause.
  if (header !== null && isHeaderSent(refusal, header)) return null;
  if (header?.name === 'proxy_protocol') return null;
  const reading = readingOf(refusal, 'trust-peer');
  if (reading === null) return withoutHeader(refusal);
  const isPeerKnown = (trust !== null && trust !== 'unknown') || refusal.carriesMany === true;
  return {
    title: `The rule was asked about ${peer}, a proxy by its own account, and not about its client ${reading.address}`,
    why: `The request came over a connection from ${peer} and names ${reading.address} in ${reading.header}. ${unread(refusal, reading)}, so every client behind ${peer} counts as ${peer}; ${verdictOn(reading)}. Anyone can send such a header: it counts only if ${peer} is a proxy of yours.`,
    evidence: [
      forwardedEvidence(reading, `The request says whom it was forwarded for; the connection came from ${peer}.`),
      ...headerEvidence(refusal),
      ...(trust === null || trust === 'unknown' ? [] : [{ ...trust.rule, says: `${peer} is trusted to name clients.` }]),
      ...carriedEvidence(refusal),
    ],
    remedies: remediesOf(reading, `Tell the server to trust exactly ${peer}, if it is your proxy, and to read ${reading.header}.`),
    weight: weigh(isPeerKnown, reading),
  };
}

function unread({ header, trusted }: KeyedRefusal, reading: Reading): string {
  if (header === null) return 'The server is not told to read it';
  const from = trusted.length === 0 ? '' : ' from those it trusts';
  return `The server is told to read ${header.name}${from}, which was not sent, and not ${reading.header}`;
}

function headerEvidence({ header }: KeyedRefusal): readonly Evidence[] {
  return header?.rule == null ? [] : [{ ...header.rule, says: `The server looks for ${header.name}, which this request does not have.` }];
}

/** The request names nobody else, but others who came this way did. */
function withoutHeader(refusal: KeyedRefusal): Draft {
  const { peer, carriesMany, confidence, forwarded } = refusal;
  if (forwarded.some(({ address }) => address !== peer)) return null;
  if (carriesMany === false || peer === 'unix:') return null;
  if (carriesMany === null) {
    return confidence < SURE ? null : { missing: `whether ${peer} is a proxy: no access log that was read tells for whom it forwards` };
  }
  const advice = `Tell the server to trust exactly ${peer}, if it is your proxy, and to read the header in which it names its clients; then ask again with that header. An allow line for ${peer} would let everybody behind it in.`;
  return {
    title: `The rule was asked about ${peer}, through which many different clients come`,
    why: `For the rule all of them have the one address ${peer}: it can only let all of them in or none.`,
    evidence: carriedEvidence(refusal),
    remedies: [byHand('Let the server see the clients behind the proxy.', advice)],
    weight: BY_OTHERS_ALONE,
  };
}
