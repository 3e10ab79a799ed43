import type { Remedy, Some } from '@why403/decision';
import { header } from '@why403/terms/request';
import type { Provenance } from '../../model/trace.ts';
import type { Directive } from '../../model/syntax/ast.ts';
import { insertAtStart, replace, writeWord } from '../../model/syntax/index.ts';
import { keepWhatIsRight } from '../denial/remedies.ts';
import type { NginxRefusals } from '../evidence.ts';
import { placeOf, textOf } from '../quote.ts';
import type { Returned } from './shape.ts';

/** A `return` that nothing conditions: the narrowest change admits this client and still refuses everyone else. */
export function admitThroughReturn(item: Returned, all: NginxRefusals): Some<Remedy> {
  const right = keepWhatIsRight(item, all.request.target);
  if (right !== null) return [right];
  const { rule } = item.refusal;
  const client = item.walk.client.address;
  return [
    {
      who: 'operator',
      say: `Put an address list in the place of ${textOf(rule)} at ${placeOf(rule)}: ${client} is let in, and everyone else is still refused.`,
      apply: 'review',
      steps: [{ kind: 'edit', edits: [replace(all.configuration, rule, `allow ${client};\ndeny all;`)] }],
    },
    {
      who: 'operator',
      say: `If the refusal was temporary or is no longer wanted, remove ${textOf(rule)}; that lets everyone in.`,
      apply: 'by-hand',
      steps: [{ kind: 'manual', text: `Remove ${textOf(rule)} at ${placeOf(rule)}.` }],
    },
  ];
}

/**
 * An entry for exactly this value in the map or geo block that led here. Exact strings are looked up before
 * regexes in a map, and the longest network wins in a geo: nothing else changes its answer.
 */
export function exceptInTable(item: Returned, led: Provenance, all: NginxRefusals): Remedy | null {
  const { directive } = led;
  // split_clients divides by a hash: it has no entries for single values.
  if (directive?.block == null || directive.name === 'split_clients') return null;
  const source = sourceValue(led, item, all);
  const passing = passingValue(led, directive);
  if (source === null || passing === null) return null;
  return {
    who: 'operator',
    say: `Add an entry for ${led.from[0] === undefined ? 'this value' : `this $${led.from[0]}`} alone to ${textOf(directive).replace(/ \{$/, '')} at ${placeOf(directive)}: it is more specific than ${led.entry === null ? 'the default' : textOf(led.entry)} and changes nothing for others.`,
    apply: 'review',
    steps: [{ kind: 'edit', edits: [insertAtStart(all.configuration, directive, `${writeWord(source)} ${writeWord(passing)};`)] }],
  };
}

/** The value that was looked up, as an entry would have to name it. */
function sourceValue(led: Provenance, item: Returned, all: NginxRefusals): string | null {
  const [variable] = led.from;
  if (variable === undefined) return null;
  if (variable === 'remote_addr' || variable === 'binary_remote_addr') return item.walk.client.address;
  if (led.from.length > 1) return null;
  if (variable.startsWith('http_')) return header(all.request.headers, variable.slice(5).replaceAll('_', '-')) ?? '';
  if (variable === 'host') return header(all.request.headers, 'host')?.replace(/:\d+$/, '').toLowerCase() ?? null;
  if (variable === 'request_method') return all.request.method;
  return null;
}

/** A value that other entries give and that differs from the one that refused: the default first. */
function passingValue(led: Provenance, table: Directive): string | null {
  const entries = (table.block ?? []).filter((entry) => entry.args.length === 1);
  const fallback = entries.find((entry) => entry.name === 'default');
  const candidates = [
    fallback?.args[0],
    ...entries.filter((entry) => entry !== fallback).map((entry) => entry.args[0]),
    fallback === undefined ? '' : undefined,
  ];
  return candidates.find((value): value is string => value !== undefined && value !== led.value && !value.includes('$')) ?? null;
}

/** What a person can do when a condition refuses that no safe edit lifts. */
export function reviseCondition(condition: Directive): Remedy {
  return {
    who: 'operator',
    say: `Narrow the condition ${textOf(condition).replace(/ \{$/, '')} at ${placeOf(condition)} so that this request no longer meets it.`,
    apply: 'by-hand',
    steps: [{ kind: 'manual', text: `Revise the condition at ${placeOf(condition)}.` }],
  };
}
