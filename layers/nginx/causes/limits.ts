import type { Remedy } from '@why403/decision';
import { replace } from '../model/syntax/index.ts';
import { blockAt, inherited } from './blocks.ts';
import type { NginxRefusals } from './evidence.ts';
import { placeOf, quote, textOf } from './quote.ts';
import type { Draft } from '@why403/terms/sighting';
import type { Seen } from './sightings.ts';

/** What limit_req and limit_conn have in common: both answer 503 unless their `_status` says otherwise. */
export function draftLimit(item: Seen<'limit'>, all: NginxRefusals): Draft {
  const { rule, zone, of } = item.refusal;
  const status = inherited(blockAt(item.walk, item.check), `${rule.name}_status`);
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
    why: `The request came when zone ${zone} had no room left. It should be told as 429, which clients understand as a limit; here it looks like a missing permission.`,
    evidence: [quote(rule, 'This limit refused.'), ...(status === null ? [] : [quote(status, 'This makes it a 403.')])],
    remedies: [wait, ...(status === null ? [] : [sayTooMany(status, all)])],
  };
}

function sayTooMany(status: NonNullable<ReturnType<typeof inherited>>, all: NginxRefusals): Remedy {
  return {
    who: 'operator',
    say: 'Answer 429 instead of 403, so that clients wait rather than look for a permission.',
    apply: 'by-hand',
    steps: [{ kind: 'edit', edits: [replace(all.configuration, status, `${status.name} 429;`)] }],
  };
}
