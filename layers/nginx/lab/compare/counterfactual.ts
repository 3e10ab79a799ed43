import type { Directive } from '../../model/syntax/ast.ts';
import type { Walk } from '../../model/trace.ts';
import type { Site } from '../generate/site.ts';
import type { Lab } from '../server.ts';
import type { Answer } from '../wire.ts';
import { agreement } from './agreement.ts';
import { type Pair, predict } from './pair.ts';
import { sendTo, startSite } from './run-site.ts';

/**
 * What taking out the directive that the model blames came to, on the real server.
 * - `changed`: the answer is another one: that directive did decide.
 * - `as-foreseen`: the same status again, as the model said it would be without that directive, for another reason.
 * - `wrong`: the model foresaw another answer than the server gave.
 * - `skipped`: nothing to take out, or nginx doesn't take the configuration without it.
 */
export type Counterfactual = 'changed' | 'as-foreseen' | 'wrong' | 'skipped';

/** The directive that the model blames for a refusal; null when it blames none. */
function blamed(walk: Walk): Directive | null {
  const check = walk.checks[walk.answer.by];
  if (check === undefined) return null;
  return check.refusal !== null && 'rule' in check.refusal ? check.refusal.rule : check.directive;
}

/** Pairs that were refused by a directive, one for each directive, as both sides say. */
export function refusals(pairs: readonly Pair[]): readonly Pair[] {
  const found = new Map<number, Pair>();
  for (const pair of pairs) {
    const status = pair.real?.status ?? 0;
    const directive = pair.walk === null ? null : blamed(pair.walk);
    if (directive !== null && pair.agreement.state === 'agreed' && (status === 401 || status === 403 || status === 405))
      found.set(directive.span.start, pair);
  }
  return [...found.values()];
}

/** Takes the blamed directive out of the very text that nginx read, and asks a new server the same. */
export async function counterfactual(site: Site, lab: Lab, pair: Pair): Promise<{ outcome: Counterfactual; says: string }> {
  const { walk } = pair;
  const directive = walk === null ? null : blamed(walk);
  if (directive === null) return { outcome: 'skipped', says: 'no directive is blamed' };
  const { start, end } = directive.span;
  const text = lab.config.slice(start, end);
  const without = lab.config.slice(0, start) + lab.config.slice(end);
  const body = without.slice(without.indexOf('http {'));
  const other = await startSite({ ...site, requests: [pair.request] }, (places) => moved(inside(body), lab, places));
  if (other === null) return { outcome: 'skipped', says: 'nginx does not start without it' };
  try {
    const [foreseen] = predict(other, [pair.request]);
    const real = await sendTo(other, pair.request).catch(() => 'nobody listens' as const);
    if (real === 'nobody listens') return { outcome: 'skipped', says: `${real} without it` };
    if (foreseen === undefined || foreseen instanceof Error) return { outcome: 'wrong', says: `the model fails without ${text}` };
    const after = agreement(foreseen, pair.request, real);
    if (after.state === 'disagreed') return { outcome: 'wrong', says: `without ${text}: ${after.says}` };
    if (isOther(pair.real, real)) return { outcome: 'changed', says: '' };
    return after.state === 'agreed'
      ? { outcome: 'as-foreseen', says: '' }
      : { outcome: 'skipped', says: 'the model does not know the answer without it' };
  } finally {
    await other.stop();
  }
}

const isOther = (before: Answer | null, after: Answer | null): boolean => before?.status !== after?.status || before?.body !== after?.body;

/** What stands between the braces of `http { … }`, without the labs' own frame, which is printed anew. */
function inside(http: string): string {
  const own = http.indexOf('scgi_temp_path');
  return http.slice(http.indexOf('\n', own) + 1, http.lastIndexOf('}'));
}

/** The same text for another folder and other ports. */
function moved(text: string, from: Lab, to: Pick<Lab, 'directory' | 'ports'>): string {
  return from.ports.reduce(
    (moved, port, number) => moved.replaceAll(String(port), String(to.ports[number])),
    text.replaceAll(from.directory, to.directory),
  );
}
