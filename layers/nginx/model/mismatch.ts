import type { Evidence } from '@why403/decision';
import type { Mismatch, Mismatches } from '@why403/client';
import { header } from '@why403/terms/request';
import type { Attributed } from './attribution/attribute.ts';
import type { Observation } from './attribution/observation.ts';
import type { Directive } from './syntax/ast.ts';
import type { ModelRequest, Walk } from './trace.ts';

/** nginx's own number for plain HTTP on a TLS port (ngx_http_request.h); sent as 400. */
const PLAIN_HTTP = 497;
const NOT_ALLOWED = 405;

export interface Around {
  readonly items: readonly Attributed[];
  readonly walk: Walk | undefined;
  readonly request: ModelRequest;
  readonly observation: Observation | null;
  readonly missing: readonly string[];
  readonly quote: (directive: Directive, says: string) => Evidence;
}

/** Requests that nginx can't take the way they came, in the words that the servers' houses share. */
export function mismatchesOf(around: Around): Mismatches {
  const { items, missing } = around;
  const plain = items.flatMap((item): readonly Mismatch[] => {
    const { refusal, at, confidence, context } = item;
    if (refusal.kind !== 'built-in' || refusal.status !== PLAIN_HTTP) return [];
    const rule = refusal.rule === null ? null : around.quote(refusal.rule, 'This port speaks TLS.');
    return [{ ...asked(around), at, confidence, kind: 'plain-http', says: item.check.says, rule, observed: context }];
  });
  return { mismatches: [...plain, ...method(around)], missing };
}

/** How sure it is of a walk without doubts that the answer was as foretold. */
const SEEN = 0.98;
const FORETOLD = 0.96;

function method(around: Around): readonly Mismatch[] {
  const { walk, observation, quote } = around;
  if (walk?.answer.state !== 'answered' || walk.answer.status !== NOT_ALLOWED || walk.answer.source !== 'error') return [];
  if (observation !== null && observation.status !== NOT_ALLOWED) return [];
  const check = walk.checks[walk.answer.by];
  if (check?.refusal?.kind !== 'built-in') return [];
  const place = check.directive ?? walk.locations.at(-1) ?? walk.server.directive;
  const rule = place === null ? null : quote(place, check.directive === null ? 'This takes the request.' : 'This answers the request.');
  const confidence = observation === null ? FORETOLD : SEEN;
  return [{ ...asked(around), at: 0, confidence, kind: 'method', says: check.says, rule, observed: observation?.quotes ?? [] }];
}

function asked({ request }: Around): Pick<Mismatch, 'method' | 'url'> {
  const host = header(request.headers, 'host') ?? request.local.address;
  return { method: request.method, url: `${request.tls === null ? 'http' : 'https'}://${host}${request.target.replace(/\?.*$/s, '')}` };
}
