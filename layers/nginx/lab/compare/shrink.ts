import type { RequestSpec } from '../generate/requests.ts';
import type { Site } from '../generate/site.ts';
import { withOneLess } from '../generate/statement.ts';
import { compareSite, type Pair } from './pair.ts';

/** Servers started at most for one shrinking: each costs some hundredths of a second. */
const BUDGET = 400;

export interface Shrunk {
  readonly site: Site;
  readonly pair: Pair;
  readonly config: string;
}

/**
 * The smallest site found on which model and server still disagree over the same thing about the same
 * request: statements, headers and files go, one at a time, for as long as that keeps the disagreement.
 */
export async function shrink(site: Site, request: RequestSpec): Promise<Shrunk | null> {
  let best = await attempt({ ...site, requests: [request] }, null);
  if (best === null) return null;
  const matter = matterOf(best.pair);
  let tried = 0;
  let candidates = smaller(best.site);
  for (let next = candidates.next(); next.done !== true && tried < BUDGET; next = candidates.next()) {
    tried += 1;
    const found = await attempt(next.value, matter);
    if (found === null) continue;
    best = found;
    candidates = smaller(best.site);
  }
  return best;
}

/** What model and server disagree over: smaller sites must keep that very disagreement. */
function matterOf({ agreement, walk, real }: Pair): string {
  const said = walk?.answer.state === 'answered' ? walk.answer.status : null;
  return JSON.stringify([agreement.state === 'disagreed' ? agreement.over : null, said, real?.status]);
}

async function attempt(site: Site, matter: string | null): Promise<Shrunk | null> {
  // Nobody listens any more where the request goes: too small.
  const outcome = await compareSite(site).catch(() => ({ state: 'invalid' }) as const);
  const pair = outcome.state === 'compared' ? outcome.pairs[0] : undefined;
  if (outcome.state !== 'compared' || pair?.agreement.state !== 'disagreed') return null;
  return matter === null || matterOf(pair) === matter ? { site, pair, config: outcome.config } : null;
}

function* smaller(site: Site): Generator<Site> {
  for (const http of withOneLess(site.http)) yield { ...site, http };
  const [request] = site.requests;
  if (request === undefined) return;
  for (const index of request.headers.keys()) yield { ...site, requests: [{ ...request, headers: request.headers.toSpliced(index, 1) }] };
  if (request.body !== '')
    yield { ...site, requests: [{ ...request, body: '', headers: request.headers.filter(([name]) => name !== 'Content-Length') }] };
  // Files in halves first: most of a tree has nothing to do with the matter.
  const paths = Object.keys(site.tree);
  for (let part = paths.length; part >= 1; part = Math.floor(part / 2)) {
    for (let from = 0; from < paths.length; from += part) {
      const dropped = new Set(paths.slice(from, from + part));
      yield { ...site, tree: Object.fromEntries(Object.entries(site.tree).filter(([path]) => !dropped.has(path))) };
    }
  }
}
