import type { FileTree, Identity } from '@why403/filesystem';
import type { Attributed } from '../model/attribution/attribute.ts';
import type { Observation } from '../model/attribution/observation.ts';
import type { Onion } from '../model/onion.ts';
import type { Configuration } from '../model/syntax/ast.ts';
import { isRefusal } from '../model/refusal-status.ts';
import type { ModelRequest, Walk } from '../model/trace.ts';
import type { NginxRefusals } from './evidence.ts';

interface Parts {
  readonly configuration: Configuration;
  readonly request: ModelRequest;
  readonly worker: Identity;
  readonly tree: FileTree;
  readonly peeled: Onion;
  readonly items: readonly Attributed[];
  readonly observation: Observation | null;
}

/**
 * The evidence that nginx's causes see. Doubts count as missing only while no certain refusal explains the
 * answer: a step behind the one that spoke can't have refused this time.
 */
export function refusalsOf(parts: Parts): NginxRefusals {
  const { configuration, request, worker, tree, items, observation, peeled } = parts;
  return { configuration, request, worker, tree, items, walk: peeled.walks[0] ?? null, observation, missing: missingOf(parts) };
}

function missingOf({ peeled, items, observation }: Parts): readonly string[] {
  const settled = items.some((item) => item.at === 0 && item.confidence >= 0.95);
  if (settled) return [];
  const [walk] = peeled.walks;
  if (observation !== null && !isRefusal(observation.status) && !mayMask(walk)) return [];
  return walk === undefined || walk.answer.state === 'answered' ? [] : walk.answer.missing;
}

/** An error_page on the way out can make any status of a refusal, known or not. */
function mayMask(walk: Walk | undefined): boolean {
  if (walk?.answer.state !== 'undetermined') return false;
  return walk.answer.otherwise?.mask != null;
}
