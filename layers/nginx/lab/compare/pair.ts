import type { Walk } from '../../model/trace.ts';
import type { RequestSpec } from '../generate/requests.ts';
import type { Site } from '../generate/site.ts';
import type { Lab } from '../server.ts';
import type { Answer } from '../wire.ts';
import { type Agreement, agreement } from './agreement.ts';
import { planOf, walkOf, worldOf } from './judge.ts';
import { answersOf, sendTo, startSite } from './run-site.ts';

/** One request to one site, by the model and by nginx. `walk` is null when the model threw. */
export interface Pair {
  readonly request: RequestSpec;
  readonly real: Answer | null;
  readonly walk: Walk | null;
  readonly agreement: Agreement;
}

export type SiteOutcome =
  | { readonly state: 'compared'; readonly config: string; readonly pairs: readonly Pair[] }
  /** nginx doesn't take the configuration; the model may say so too, but must not do worse than that. */
  | { readonly state: 'invalid' };

/** Asks the model and the server everything that `site` asks. `during` gets the server while it still runs. */
export async function compareSite(
  site: Site,
  during: (lab: Lab, pairs: readonly Pair[]) => Promise<void> = async () => {},
): Promise<SiteOutcome> {
  const lab = await startSite(site);
  if (lab === null) return { state: 'invalid' };
  try {
    const pairs = site.isSequential
      ? await oneByOne(lab, site.requests)
      : pairsOf(site.requests, predict(lab, site.requests), await answersOf(lab, site.requests));
    await during(lab, pairs);
    return { state: 'compared', config: lab.config, pairs };
  } finally {
    await lab.stop();
  }
}

function pairsOf(
  requests: readonly RequestSpec[],
  predictions: readonly (Walk | Error)[],
  answers: readonly (Answer | null)[],
): readonly Pair[] {
  return requests.map((request, index) => {
    const real = answers[index] ?? null;
    const walk = predictions[index];
    if (walk !== undefined && !(walk instanceof Error)) return { request, real, walk, agreement: agreement(walk, request, real) };
    return { request, real, walk: null, agreement: { state: 'disagreed', over: 'crash', says: walk?.stack ?? 'no walk' } };
  });
}

/** Where a request changes the disk, the model looks at it anew before each. */
async function oneByOne(lab: Lab, requests: readonly RequestSpec[]): Promise<readonly Pair[]> {
  const pairs: Pair[] = [];
  for (const request of requests) pairs.push(...pairsOf([request], predict(lab, [request]), [await sendTo(lab, request)]));
  return pairs;
}

/** The model speaks first, while the files are as they were planted. An exception is its answer too. */
export function predict(lab: Lab, requests: readonly RequestSpec[], config: string = lab.config): readonly (Walk | Error)[] {
  try {
    const plan = planOf(config, lab.configPath, lab.directory);
    const world = worldOf(lab);
    return requests.map((request) => attempt(() => walkOf(plan, lab, world, request)));
  } catch (error) {
    return requests.map(() => asError(error));
  }
}

function attempt<T>(run: () => T): T | Error {
  try {
    return run();
  } catch (error) {
    return asError(error);
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
