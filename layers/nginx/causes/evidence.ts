import type { FileTree, Identity } from '@why403/filesystem';
import type { Attributed } from '../model/attribution/attribute.ts';
import type { Observation } from '../model/attribution/observation.ts';
import type { ModelRequest, Walk } from '../model/trace.ts';
import type { Configuration } from '../model/syntax/ast.ts';

/** Every refusal that nginx's model found for one request, in nginx's own order, held against what was observed. */
export interface NginxRefusals {
  readonly configuration: Configuration;
  readonly request: ModelRequest;
  readonly worker: Identity;
  readonly tree: FileTree;
  readonly items: readonly Attributed[];
  /** The walk of the request as it came; null when it could not even begin. */
  readonly walk: Walk | null;
  /** What was seen of the one real request; null when nothing was asked. */
  readonly observation: Observation | null;
  /** Why the walk could not be followed to its end, if it could not. */
  readonly missing: readonly string[];
}

declare module '@why403/decision' {
  interface Kinds {
    'nginx/refusals': NginxRefusals;
  }
}
