import { type Bag, type Evidence, gathered, unavailable } from '@why403/decision';
import { excerptOf } from '../model/excerpt.ts';

/**
 * A case of the application's causes, as a server in front saw it:
 * - `target`, where the request went; `status`, what came from behind; `headers`, a map; `body`
 * - `at` (0), `confidence` (0.99); `none: true`: nothing behind refused; `missing`; `unavailable: why`
 */
interface Given {
  readonly target?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly at?: number;
  readonly confidence?: number;
  readonly none?: boolean;
  readonly missing?: readonly string[];
  readonly unavailable?: string;
}

const KNOWN = new Set<string>([
  'target',
  'status',
  'headers',
  'body',
  'at',
  'confidence',
  'none',
  'missing',
  'unavailable',
] satisfies readonly (keyof Given)[]);

export function bagOf(given: Readonly<Record<string, unknown>>): Bag {
  const strange = Object.keys(given).filter((key) => !KNOWN.has(key));
  if (strange.length > 0) throw new Error(`given: nobody reads ${strange.join(', ')}`);
  // The runner hands over whatever the YAML holds; the members are told in `Given`.
  const one = given as Given;
  if (one.unavailable !== undefined) return { 'app/responses': unavailable(one.unavailable) };
  const target = one.target ?? 'http://127.0.0.1:9000';
  const headers = Object.entries(one.headers ?? {});
  const rule: Evidence = {
    kind: 'config',
    file: '/etc/server.conf',
    line: 5,
    text: `pass ${target};`,
    says: 'The request is handed on here.',
    audience: 'operator',
  };
  const response = {
    at: one.at ?? 0,
    confidence: one.confidence ?? 0.99,
    target,
    rule,
    observed: [],
    status: one.status ?? null,
    excerpt: excerptOf(headers, one.body ?? ''),
    headers,
  };
  return { 'app/responses': gathered({ responses: one.none === true ? [] : [response], missing: one.missing ?? [] }) };
}
