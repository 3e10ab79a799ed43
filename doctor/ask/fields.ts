import { Fault } from '@why403/terms/fault';
import type { Headers } from '@why403/terms/request';

import type { AskPorts } from './ports.ts';

/** A `-H` line: a field of the person's own, or the wish that curl's own field of that name stay away. */
export type OwnField = { readonly name: string; readonly value: string } | { readonly name: string; readonly value: null };

function invalid(message: string, hint?: string): Fault {
  return new Fault('header/invalid', message, { where: { in: '--header' }, ...(hint === undefined ? {} : { hint }) });
}

/** One line in curl's notation; null for a line without a colon or semicolon, which curl ignores. */
function readField(line: string): OwnField | null {
  if (/[\r\n\0]/.test(line)) throw invalid('A header field holds a line end or NUL.', 'One -H is one field.');
  const colon = line.indexOf(':');
  if (colon !== -1) {
    const name = line.slice(0, colon);
    if (name.trim() === '') throw invalid('A header field has no name.', "Write it as 'Name: value'.");
    // RFC 9112 §5: white space around a value is no part of it
    const value = line.slice(colon + 1).trim();
    return { name, value: value === '' ? null : value };
  }
  // 'Name;' is curl's notation for a field without a value
  const semicolon = /^([^;\s]+);\s*$/.exec(line);
  return semicolon?.[1] === undefined ? null : { name: semicolon[1], value: '' };
}

/** All `-H` values, files of fields read, with a note for each line that curl would ignore. */
export function readFields(values: readonly string[], ports: AskPorts, notes: string[]): readonly OwnField[] {
  const lines = values.flatMap((value) =>
    value.startsWith('@')
      ? new TextDecoder()
          .decode(ports.read(value.slice(1)))
          .split(/\r?\n/)
          .filter((line) => line !== '')
      : [value],
  );
  return lines.flatMap((line) => {
    const field = readField(line);
    if (field === null) notes.push('A -H without a colon is no header field: it was left out, as curl does.');
    return field === null ? [] : [field];
  });
}

/** The person's fields and behind them those that a flag stands for, unless the person gave their own. */
export function withImplied(own: readonly OwnField[], implied: Headers): readonly OwnField[] {
  const named = new Set(own.map((field) => field.name.toLowerCase()));
  return [...own, ...implied.filter(([name]) => !named.has(name.toLowerCase())).map(([name, value]) => ({ name, value }))];
}

/**
 * Puts the request's fields in curl's order: Host, its own fields, then the person's. A field of the
 * person's replaces curl's of the same name; Host keeps its first place.
 */
export function arrangeFields(standard: Headers, own: readonly OwnField[], content: Headers): Headers {
  const named = new Set(own.map((field) => field.name.toLowerCase()));
  const ownHost = own.findLast((field) => field.name.toLowerCase() === 'host');
  const host = standard
    .filter(([name]) => name === 'Host')
    .flatMap<Headers[number]>((field) => (ownHost === undefined ? [field] : ownHost.value === null ? [] : [[ownHost.name, ownHost.value]]));
  const isFree = ([name]: Headers[number]): boolean => name !== 'Host' && !named.has(name.toLowerCase());
  const added = own.flatMap<Headers[number]>((field) =>
    field.value === null || field.name.toLowerCase() === 'host' ? [] : [[field.name, field.value]],
  );
  return [...host, ...standard.filter(isFree), ...added, ...content.filter(isFree)];
}
