import type { Bag, Cause, Detection, Gathered, Kind, Needed } from '@why403/decision';
import type { CauseEntry } from '@why403/terms/house';

/** What one cause says about one hop's evidence. */
export interface Judged {
  readonly cause: Cause;
  readonly hop: number;
  readonly product: string;
  readonly detection: Detection;
}

/** One server on the request's way, with what was gathered about it. */
export interface Hop {
  readonly hop: number;
  readonly product: string;
  readonly bag: Bag;
}

/**
 * Holds every cause against a hop's bag. A cause none of whose kinds anybody looked for is left out;
 * a kind that is missing beside others counts as unavailable, never as a pass.
 */
export async function judge(at: Hop, entries: readonly CauseEntry[]): Promise<readonly Judged[]> {
  const relevant = entries.filter((entry) => entry.needs.some((kind) => kind in at.bag));
  const causes = await Promise.all(relevant.map(async (entry) => (await entry.load()).cause));
  return causes.map((cause) => ({ cause, hop: at.hop, product: at.product, detection: detect(cause, at.bag) }));
}

function detect(cause: Cause, bag: Bag): Detection {
  const needed: Partial<Record<Kind, Gathered<unknown>>> = {};
  for (const kind of cause.needs) {
    needed[kind] = bag[kind] ?? { state: 'unavailable', missing: `nobody gathered ${kind}` };
  }
  try {
    // The record holds exactly the cause's own kinds: the mapped type can't be followed through the loop.
    return cause.detect(needed as Needed<Kind>);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return { verdict: 'undetermined', missing: [`the check for ${cause.id} failed: ${what}`] };
  }
}
