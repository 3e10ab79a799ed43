import { type Detection, type Evidence, type Gathered, isSome, type Remedy, type Sighting, type Some } from '@why403/decision';
import type { ClientVerification, ClientVerifications, PresentedCertificate } from '../model/client-verification.ts';
import { type Fault, faultOf } from '../model/fault.ts';

/** What a cause says of one verification. */
export interface Words {
  readonly title: string;
  readonly why: string;
  readonly evidence?: readonly Evidence[];
  readonly remedies: Some<Remedy>;
}

/** Holds every verification against one fault. Nothing seen is `excluded` only when nothing was left open. */
export function detectFault(evidence: Gathered<ClientVerifications>, fault: Fault, say: (one: ClientVerification) => Words): Detection {
  if (evidence.state === 'unavailable') return { verdict: 'undetermined', missing: [evidence.missing] };
  const { verifications, missing } = evidence.value;
  const judged = verifications.map((one) => ({ one, found: faultOf(one) }));
  const sightings = judged.flatMap(({ one, found }): readonly Sighting[] => {
    if (found?.fault !== fault) return [];
    const { title, why, evidence: more, remedies } = say(one);
    return [
      {
        at: one.at,
        title,
        why: `${why} ${substance(one.status)}`,
        confidence: one.confidence * found.weight,
        evidence: [
          one.rule,
          ...(one.authorities === null ? [] : [one.authorities.quote]),
          ...(more ?? []),
          ...presented(one),
          ...one.observed,
        ],
        remedies,
      },
    ];
  });
  if (isSome(sightings)) return { verdict: 'found', sightings };
  const open = [...missing, ...judged.flatMap(({ found }) => (found === null ? [REASON] : []))];
  return isSome(open) ? { verdict: 'undetermined', missing: open } : { verdict: 'excluded' };
}

const REASON = "why the client's certificate was not accepted: the server's log at level info has OpenSSL's words";

/** No registered status says "your certificate": 403 comes nearest, since another request won't help (RFC 9110 §15.5.4). */
function substance(status: number): string {
  if (status === 403) return '';
  return `The status ${status} says that the request is wrong, which it is not: in substance this is a refusal, and it should be told as 403.`;
}

function presented({ certificate }: ClientVerification): readonly Evidence[] {
  if (certificate === null) return [];
  const { subject, issuer, notBefore, notAfter } = certificate;
  return [
    {
      kind: 'probe',
      text: `subject ${subject}; issuer ${issuer}; from ${day(notBefore)} until ${day(notAfter)}`,
      says: 'This is the certificate that the client presented.',
      audience: 'caller',
    },
  ];
}

/** A date as one reads it, in UTC. */
export function day(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString().replace(/T.*/s, '') : 'an unknown day';
}

/** `CN=client` where the certificate was seen. */
export function nameOf(certificate: PresentedCertificate | null): string {
  return certificate === null ? 'The client certificate' : `The client certificate ${certificate.subject}`;
}

/** Which authorities are accepted, as the end of a sentence. */
export function acceptedIn({ authorities }: ClientVerification): string {
  if (authorities === null) return 'that the server trusts';
  const { file, names } = authorities;
  if (names === null || names.length === 0) return `in ${file}`;
  const [first, ...rest] = names.slice(0, 4);
  return `in ${file} (${[first, ...rest].join('; ')}${names.length > 4 ? `; and ${names.length - 4} more` : ''})`;
}

export function byCaller(say: string, text: string): Remedy {
  return { who: 'caller', say, apply: 'by-hand', steps: [{ kind: 'manual', text }] };
}

export function byOperator(say: string, text: string): Remedy {
  return { who: 'operator', say, apply: 'by-hand', steps: [{ kind: 'manual', text }] };
}
