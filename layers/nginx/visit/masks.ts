import type { Masked } from '@why403/terms/house';
import { quote } from '../causes/quote.ts';
import { CERTIFICATE_MISSING, CERTIFICATE_REFUSED } from '../model/client-verification.ts';
import type { Attributed } from '../model/attribution/attribute.ts';
import type { Directive } from '../model/syntax/index.ts';
import type { Walk } from '../model/trace.ts';

/**
 * What nginx decided before it was changed on its way out; null when nothing was. An error_page may show
 * another status, and try_files goes on to its next candidate when one may not be read, so that a missing
 * permission ends as something else.
 */
export function masksOf(walk: Walk, first: Attributed | null, observed: number | null): Masked | null {
  const answer = walk.answer.state === 'answered' ? walk.answer : (walk.answer.otherwise ?? null);
  if (answer === null || (observed !== null && observed !== answer.status)) return null;
  if (first !== null && first.at === 0 && isForCertificate(first.refusal.status) && !isForCertificate(answer.status)) {
    const { status } = first.refusal;
    const what = status === CERTIFICATE_MISSING ? 'no client certificate came' : 'the client certificate was not accepted';
    return {
      ...masked(status, first.check.directive, `${what}: nginx's own ${status} for it goes out as ${answer.status}`),
      refuses: true,
    };
  }
  if (answer.mask !== null && answer.status !== answer.unmasked) {
    return masked(answer.unmasked, answer.mask, `error_page shows ${answer.status} to the client where nginx decided ${answer.unmasked}`);
  }
  if (first === null || !first.certain || first.refusal.status === answer.status || first.check.verdict === 'refused') return null;
  return masked(
    first.refusal.status,
    first.check.directive,
    `a path that may not be used was passed over, and the request ended in ${answer.status}`,
  );
}

/** Statuses that only nginx knows (ngx_http_request.h). */
function isForCertificate(status: number): boolean {
  return status === CERTIFICATE_REFUSED || status === CERTIFICATE_MISSING;
}

function masked(status: number, directive: Directive | null, says: string): Masked {
  if (directive === null) return { status, says };
  const { file, line } = quote(directive, says);
  return { status, says, ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
}
