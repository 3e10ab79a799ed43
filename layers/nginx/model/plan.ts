import type { Facts, Plan } from './trace.ts';
import type { Configuration } from './syntax/ast.ts';
import type { Definitions } from './values/define.ts';
import type { Group, Server } from './server/compile.ts';

/** What is behind the opaque `Plan`. */
export interface CompiledPlan extends Plan {
  readonly configuration: Configuration;
  readonly definitions: Definitions;
  readonly facts: Facts;
  readonly servers: readonly Server[];
  readonly groups: readonly Group[];
  /** Included files nobody could read that may hold more than MIME types. */
  readonly unread: Configuration['unread'];
}

const compiled = new WeakSet<Plan>();

export function seal(plan: CompiledPlan): Plan {
  compiled.add(plan);
  return plan;
}

/** @throws TypeError when the plan wasn't made by `compile`. */
export function open(plan: Plan): CompiledPlan {
  if (!compiled.has(plan)) throw new TypeError('a plan must come from compile()');
  // Every sealed plan is a CompiledPlan.
  return plan as CompiledPlan;
}
