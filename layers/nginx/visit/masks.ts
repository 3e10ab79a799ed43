import type { Masked } from '@why403/terms/house';
import type { Walk } from '../model/trace.ts';
import { quote } from '../causes/quote.ts';

/** The status that nginx decided before an error_page changed it on its way out; null when nothing was changed. */
export function masksOf(walk: Walk, observed: number | null): Masked | null {
  const answer = walk.answer.state === 'answered' ? walk.answer : (walk.answer.otherwise ?? null);
  if (answer === null || answer.mask === null || answer.status === answer.unmasked) return null;
  if (observed !== null && observed !== answer.status) return null;
  const { file, line } = quote(answer.mask, '');
  return {
    status: answer.unmasked,
    says: `error_page shows ${answer.status} to the client where nginx decided ${answer.unmasked}`,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  };
}
