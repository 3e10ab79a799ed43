import type { Evidence } from '@why403/decision';
import { type AppResponse, type AppResponses, excerptOf } from '@why403/app';
import type { Redactor } from '@why403/terms/redaction';
import type { Exchange } from '@why403/terms/request';
import type { Attributed } from './attribution/attribute.ts';
import type { Observation } from './attribution/observation.ts';
import type { Directive } from './syntax/ast.ts';
import { nearest } from './values/scope.ts';

export interface Seen {
  readonly items: readonly Attributed[];
  readonly exchange: Exchange | null;
  readonly observation: Observation | null;
  /** Why the walk could not be followed to its end. */
  readonly missing: readonly string[];
  readonly quote: (directive: Directive, says: string) => Evidence;
  readonly redactor: Redactor;
}

/** Headers that tell who answered, or why; others are nobody's business. */
const TELLING: ReadonlySet<string> = new Set([
  'content-type',
  'server',
  'via',
  'www-authenticate',
  'x-aspnet-version',
  'x-generator',
  'x-powered-by',
]);

/** Every refusal that came from behind a `proxy_pass` or its like, with what was seen of the answer, redacted. */
export function appResponsesOf({ items, exchange, observation, missing, quote, redactor }: Seen): AppResponses {
  const responses = items.flatMap((item): readonly AppResponse[] => {
    const { refusal, at, confidence, context } = item;
    if (refusal.kind !== 'upstream') return [];
    // The answer that was seen is the first refusal's; one that an error_page replaced is nginx's own.
    const answer = exchange === null || at > 0 || isMasked(item) || isIntercepted(refusal.rule) ? null : exchange;
    const excerpt = answer === null ? null : excerptOf(answer.headers, answer.body);
    return [
      {
        at,
        confidence,
        target: redactor.text(refusal.rule.args[0] ?? refusal.rule.name),
        rule: quote(refusal.rule, 'The request is handed on here.'),
        observed: context,
        status: at > 0 ? null : statusBehind(observation),
        excerpt: excerpt === null ? null : redactor.text(excerpt),
        headers: redactor.headers((answer?.headers ?? []).filter(([name]) => TELLING.has(name.toLowerCase()))),
      },
    ];
  });
  return { responses, missing };
}

function isMasked({ walk: { answer } }: Attributed): boolean {
  const known = answer.state === 'answered' ? answer : (answer.otherwise ?? null);
  return known !== null && known.mask !== null;
}

/** `proxy_intercept_errors` and its like put an error_page in the place of what came; whether one fits isn't looked at. */
function isIntercepted(rule: Directive): boolean {
  const setting = rule.name.replace(/_pass$/, '_intercept_errors');
  return nearest(rule.parent, setting)?.args[0] === 'on' && nearest(rule.parent, 'error_page') !== null;
}

/** `$upstream_status` lists every server that was tried, divided by `,` or, after an internal redirect, `:`; the last one answered. */
function statusBehind(observation: Observation | null): number | null {
  const last = observation?.access?.get('upstream_status')?.split(/[,:]/).at(-1)?.trim() ?? '';
  return /^\d{3}$/.test(last) ? Number(last) : null;
}
