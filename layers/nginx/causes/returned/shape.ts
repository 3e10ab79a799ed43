import type { Evidence } from '@why403/decision';
import type { Provenance } from '../../model/trace.ts';
import { quote } from '../quote.ts';
import type { Seen } from '../sightings.ts';

/** A request that a `return` refused. */
export type Returned = Seen<'return'>;

/** The first value on the way to the return that came from one of these variables, directly or through a table. */
export function ledBy(item: Returned, isMeant: (variable: string) => boolean): Provenance | null {
  return item.refusal.provenance.find((one) => isMeant(one.variable) || one.from.some(isMeant)) ?? null;
}

/** The value that a map, geo or split_clients block gave. */
export function ledByTable(item: Returned): Provenance | null {
  return item.refusal.provenance.find((one) => isTable(one)) ?? null;
}

export function isTable(one: Provenance): boolean {
  return one.directive !== null && ['map', 'geo', 'split_clients'].includes(one.directive.name);
}

/** The return, the condition around it, and every table entry that led to it. */
export function evidenceOf(item: Returned): readonly [Evidence, ...Evidence[]] {
  const { rule, condition, provenance } = item.refusal;
  return [
    quote(rule, 'This return answers before any allow, deny or password is looked at, and nginx logs nothing for it.'),
    ...(condition === null ? [] : [quote(condition, 'This condition is true for the request.')]),
    ...provenance.flatMap((one) => {
      const place = one.entry ?? one.directive;
      return place === null
        ? []
        : [
            quote(
              place,
              `$${one.variable} is "${one.value}" because of this${one.entry === null ? ' block: no entry in it fits' : ' entry'}.`,
            ),
          ];
    }),
  ];
}

/** `when $bad_agent` for titles. */
export function conditionWords(item: Returned): string {
  const { condition } = item.refusal;
  return condition === null ? '' : ` under if ${condition.args.join(' ')}`;
}
