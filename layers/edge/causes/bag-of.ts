import { type Bag, type Evidence, gathered, isSome, type Remedy, unavailable } from '@why403/decision';
import { carriesMany } from '../model/carried.ts';
import type { KeyedRefusal, Reading, Trusted } from '../model/client-addresses.ts';
import { forwardedAddresses } from '../model/forwarding.ts';

/**
 * A case of the edge's causes: one refusal of some server's, keyed on an address.
 * - `rule`: the rule that refused; `at` (0), `confidence` (0.99); `used`, the peer unless told
 * - `peer`; `headers`, a map; `trusted`, networks; `reads`, the header the server is told to read
 * - `log`: logged requests as `PEER FORWARDED`, `-` for none; left out: the log doesn't tell
 * - `readings`: other ways to read, `how`, `header`, `address`, `admitted`, and `lines` that its remedy puts in
 * - `none: true`: no refusal was keyed on an address; `missing`: why the walk was cut short; `unavailable: why`
 */
interface Given {
  readonly rule?: string;
  readonly at?: number;
  readonly confidence?: number;
  readonly used?: string;
  readonly peer?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly trusted?: readonly string[];
  readonly reads?: string;
  readonly log?: readonly string[];
  readonly readings?: readonly GivenReading[];
  readonly none?: boolean;
  readonly missing?: readonly string[];
  readonly unavailable?: string;
}

interface GivenReading {
  readonly how: Reading['how'];
  readonly header: string;
  readonly address: string;
  readonly admitted?: boolean;
  readonly lines?: readonly string[];
}

const KNOWN = new Set<string>([
  'rule',
  'at',
  'confidence',
  'used',
  'peer',
  'headers',
  'trusted',
  'reads',
  'log',
  'readings',
  'none',
  'missing',
  'unavailable',
] satisfies readonly (keyof Given)[]);

const FILE = '/etc/server.conf';

export function bagOf(given: Readonly<Record<string, unknown>>): Bag {
  const strange = Object.keys(given).filter((key) => !KNOWN.has(key));
  if (strange.length > 0) throw new Error(`given: nobody reads ${strange.join(', ')}`);
  // The runner hands over whatever the YAML holds; the members are told in `Given`.
  const one = given as Given;
  if (one.unavailable !== undefined) return { 'edge/client-addresses': unavailable(one.unavailable) };
  const refusals = one.none === true ? [] : [refusalOf(one)];
  return { 'edge/client-addresses': gathered({ refusals, missing: one.missing ?? [] }) };
}

function refusalOf(one: Given): KeyedRefusal {
  const peer = one.peer ?? '10.0.0.5';
  const trusted = (one.trusted ?? []).map((network, index): Trusted => ({ network, rule: config(10 + index, `trust ${network}`) }));
  return {
    at: one.at ?? 0,
    confidence: one.confidence ?? 0.99,
    rule: config(1, one.rule ?? 'deny all;'),
    observed: [],
    used: one.used ?? peer,
    peer,
    forwarded: forwardedAddresses(Object.entries(one.headers ?? {})),
    trusted,
    header: one.reads === undefined ? null : { name: one.reads, rule: config(9, `read ${one.reads}`) },
    carriesMany: carriesMany((one.log ?? []).map(logged), peer),
    readings: (one.readings ?? []).map(readingOf),
  };
}

function readingOf({ how, header, address, admitted, lines = [] }: GivenReading): Reading {
  const texts = lines.map((line) => ({ file: FILE, start: 0, end: 0, text: `${line}\n` }));
  const remedy: Remedy = {
    who: 'operator',
    say: 'Read it so.',
    apply: 'review',
    steps: isSome(texts) ? [{ kind: 'edit', edits: texts }] : [],
  };
  return { how, header, address, isAdmitted: admitted ?? null, remedies: isSome(texts) ? [remedy] : [] };
}

function logged(line: string): { readonly peer: string; readonly forwarded: string } {
  const [peer = '', forwarded = '-'] = line.split(' ');
  return { peer, forwarded };
}

function config(line: number, text: string): Evidence {
  return { kind: 'config', file: FILE, line, text, says: 'A line of the server.', audience: 'operator' };
}
