import type { Evidence, Remedy } from '@why403/decision';
import { insertBefore, replace } from '../model/syntax/index.ts';
import { blockAt, inherited } from './blocks.ts';
import type { NginxRefusals } from './evidence.ts';
import { placeOf, quote, textOf } from './quote.ts';
import type { Draft } from '@why403/terms/sighting';
import type { Seen } from './sightings.ts';

/** RFC 6585 §4: the status that clients understand as a limit. */
const TOO_MANY = 429;

/** What limit_req and limit_conn have in common: both answer 503 unless their `_status` says otherwise. */
export function draftLimit(item: Seen<'limit'>, all: NginxRefusals): Draft {
  const { rule, zone, of, status } = item.refusal;
  const written = inherited(blockAt(item.walk, item.check), `${rule.name}_status`);
  const wait: Remedy = {
    who: 'caller',
    say:
      of === 'requests'
        ? 'Slow down and try again: this is a limit, not a missing permission.'
        : 'Close idle connections or ask with fewer at a time.',
    apply: 'by-hand',
    steps: [{ kind: 'manual', text: 'Wait a moment, then send the request again.' }],
  };
  return {
    title: `The limit on ${of} of zone ${zone} (${textOf(rule)} at ${placeOf(rule)}) is used up`,
    why: `The request came when zone ${zone} had no room left. ${LOOKS_LIKE.get(status) ?? looksOdd(status)}`,
    evidence: [quote(rule, 'This limit refused.'), statusEvidence(rule.name, status, written)],
    remedies: [wait, ...(status === TOO_MANY ? [] : [sayTooMany(item, written, all)])],
  };
}

const LOOKS_LIKE: ReadonlyMap<number, string> = new Map([
  [403, 'It should be told as 429, which clients understand as a limit; here it looks like a missing permission.'],
  [503, 'It should be told as 429, which clients understand as a limit; here it looks like a server that is down.'],
  [TOO_MANY, 'The status 429 says so: clients that know it wait and try again.'],
]);

function looksOdd(status: number): string {
  return `It should be told as 429, which clients understand as a limit, and not as ${status}.`;
}

function statusEvidence(name: string, status: number, written: ReturnType<typeof inherited>): Evidence {
  if (written !== null) return quote(written, `This makes it a ${status}.`);
  return { kind: 'config', says: `No ${name}_status is in force: then it is a ${status}.`, audience: 'operator' };
}

function sayTooMany(item: Seen<'limit'>, written: ReturnType<typeof inherited>, all: NginxRefusals): Remedy {
  const { rule, status } = item.refusal;
  const line = `${rule.name}_status ${TOO_MANY};`;
  return {
    who: 'operator',
    say: `Answer ${TOO_MANY} instead of ${status}, so that clients wait rather than look for ${status === 403 ? 'a permission' : 'a fault'}.`,
    apply: 'by-hand',
    steps: [
      { kind: 'edit', edits: [written === null ? insertBefore(all.configuration, rule, line) : replace(all.configuration, written, line)] },
    ],
  };
}
