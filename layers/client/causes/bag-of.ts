import { type Bag, gathered, unavailable } from '@why403/decision';
import type { Mismatch } from '../model/mismatch.ts';

/**
 * A case of the client's causes, as a server saw it:
 * - `kind`: plain-http or method; `method` (GET); `url`; `says`; `rule`: the directive at /etc/server.conf:3
 * - `at` (0), `confidence` (0.98); `fits: true`: nothing was wrong with it; `missing`; `unavailable: why`
 */
interface Given {
  readonly kind?: Mismatch['kind'];
  readonly method?: string;
  readonly url?: string;
  readonly says?: string;
  readonly rule?: string;
  readonly at?: number;
  readonly confidence?: number;
  readonly fits?: boolean;
  readonly missing?: readonly string[];
  readonly unavailable?: string;
}

const KNOWN = new Set<string>([
  'kind',
  'method',
  'url',
  'says',
  'rule',
  'at',
  'confidence',
  'fits',
  'missing',
  'unavailable',
] satisfies readonly (keyof Given)[]);

export function bagOf(given: Readonly<Record<string, unknown>>): Bag {
  const strange = Object.keys(given).filter((key) => !KNOWN.has(key));
  if (strange.length > 0) throw new Error(`given: nobody reads ${strange.join(', ')}`);
  // The runner hands over whatever the YAML holds; the members are told in `Given`.
  const one = given as Given;
  if (one.unavailable !== undefined) return { 'client/mismatches': unavailable(one.unavailable) };
  const mismatch: Mismatch = {
    at: one.at ?? 0,
    confidence: one.confidence ?? 0.98,
    kind: one.kind ?? 'method',
    method: one.method ?? 'GET',
    url: one.url ?? 'http://example.test/',
    says: one.says ?? 'it is not answered',
    rule:
      one.rule === undefined
        ? null
        : { kind: 'config', file: '/etc/server.conf', line: 3, text: one.rule, says: 'This makes it so.', audience: 'operator' },
    observed: [{ kind: 'response', says: 'The server gave this answer to the request that was sent.', audience: 'caller' }],
  };
  return { 'client/mismatches': gathered({ mismatches: one.fits === true ? [] : [mismatch], missing: one.missing ?? [] }) };
}
