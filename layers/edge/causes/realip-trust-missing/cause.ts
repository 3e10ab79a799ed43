import { defineCause } from '@why403/decision';
import type { KeyedRefusal } from '../../model/client-addresses.ts';
import { neighborOf, trustOf } from '../../model/trust.ts';
import {
  carriedEvidence,
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
import { isHeaderSent } from '../sent.ts';

/** The server is told to take the client's address from a header and the header is there, but its sender isn't trusted. */
export const cause = defineCause({
  id: 'edge/realip-trust-missing',
  layer: 'edge',
  title: 'The proxy in front is missing from the list of those trusted to name the client',
  refines: KEYED_ON_ADDRESS,
  needs: ['edge/client-addresses'],
  detect: (evidence) => detectKeyed(evidence['edge/client-addresses'], see),
});

function see(refusal: KeyedRefusal): Draft {
  const { used, peer, header, trusted } = refusal;
  if (used !== peer || header === null) return null;
  const trust = trustOf(trusted, peer);
  if (trust === 'unknown') return { missing: `the addresses of the host names that are trusted, and whether ${peer} is among them` };
  if (trust !== null) return null;
  if (header.name === 'proxy_protocol') return { missing: `what the PROXY protocol header of the connection from ${peer} says` };
  const reading = readingOf(refusal, 'trust-peer');
  if (reading === null || !isHeaderSent(refusal, header)) return null;
  const neighbor = neighborOf(trusted, peer);
  const others =
    trusted.length === 0 ? 'nobody is' : `only ${listed(trusted.map(({ network }) => network))} ${trusted.length === 1 ? 'is' : 'are'}`;
  return {
    title: `${peer} is not trusted to name the client in ${header.name}, so the rule was asked about ${peer} itself`,
    why: `The server is told to take the client's address from ${header.name}, but only when someone trusted sends it, and ${others}. The header names ${reading.address}: it was ignored; ${verdictOn(reading)}. Anyone can send such a header: it counts only if ${peer} is a proxy of yours.`,
    evidence: [
      ...(header.rule === null ? [] : [{ ...header.rule, says: `The client's address is to be taken from ${header.name}.` }]),
      forwardedEvidence(reading, `This was ignored, because it came from ${peer}.`),
      ...trustEvidence(trusted, (one) =>
        one === neighbor ? `This is trusted, right beside ${peer}.` : `This is trusted and does not hold ${peer}.`,
      ),
      ...carriedEvidence(refusal),
    ],
    remedies: remediesOf(reading, `Add exactly ${peer} to those that are trusted to name the client, if it is your proxy.`),
    weight: weigh(neighbor !== null || refusal.carriesMany === true, reading),
  };
}

/** The first few, and how many more. */
function listed(networks: readonly string[]): string {
  const shown = networks.slice(0, 3).join(', ');
  return networks.length > 3 ? `${shown} and ${networks.length - 3} more` : shown;
}
