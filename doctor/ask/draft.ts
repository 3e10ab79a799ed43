import { Fault } from '@why403/terms/fault';
import { type CurlFlagName, findCurlFlag, type GivenFlag } from './curl-flags.ts';

/** The flags as given, sorted by what they speak of: the last of a single flag, every one of a repeatable flag. */
export interface Draft {
  has(...names: readonly CurlFlagName[]): boolean;
  last(name: CurlFlagName): string | null;
  all(...names: readonly CurlFlagName[]): readonly { readonly name: CurlFlagName; readonly value: string }[];
  /** Which of these switches was given last, or null: curl lets the last one win. */
  lastOf<const N extends CurlFlagName>(...names: readonly N[]): N | null;
}

function check(flag: GivenFlag): void {
  const row = findCurlFlag(flag.name);
  if (row === null)
    throw new Fault('usage/unknown-flag', `${flag.name} is not a flag of curl that why403 knows.`, { where: { in: flag.name } });
  if (row.effect === 'unsupported') {
    throw new Fault('usage/unsupported', `why403 does not carry out ${row.long} (${row.says}).`, {
      where: { in: row.long },
      hint: 'Leave it away, or give the evidence (logs, configuration) and no request.',
    });
  }
  if (row.value !== null && flag.value === null) {
    throw new Fault('usage/value-missing', `${row.long} needs a value: ${row.long} ${row.value}.`, { where: { in: row.long } });
  }
}

/** Checks the flags against the table and makes them easy to ask. */
export function draftOf(given: readonly GivenFlag[]): Draft {
  given.forEach(check);
  const all: Draft['all'] = (...names) =>
    given.flatMap(({ name, value }) => (names.includes(name) && value !== null ? [{ name, value }] : []));
  return {
    has: (...names) => given.some((flag) => names.includes(flag.name)),
    last: (name) => all(name).at(-1)?.value ?? null,
    all,
    lastOf: (...names) => {
      const chosen = given.findLast((flag) => names.some((name) => name === flag.name));
      return names.find((name) => name === chosen?.name) ?? null;
    },
  };
}

/** A fault about one flag's value; `message` must not quote a secret. */
export function badValue(flag: CurlFlagName, message: string, hint?: string): Fault {
  return new Fault('usage/value-invalid', message, { where: { in: flag }, ...(hint === undefined ? {} : { hint }) });
}
