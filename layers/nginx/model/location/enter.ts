import { type Journey, methodOf } from '../journey.ts';
import type { Scope } from './scope.ts';

/** ngx_http_update_location_config: the scope takes over, or its limit_except for methods that isn't for. */
export function enter(journey: Journey, scope: Scope): void {
  const { limitExcept } = scope;
  const inForce = limitExcept !== null && !limitExcept.except.has(methodOf(journey)) ? limitExcept.scope : scope;
  journey.scope = inForce;
  journey.state.location = inForce.kind === 'server' ? null : inForce.directive;
  // An `if` without a handler of its own keeps the one already chosen.
  if (inForce.settings.handler !== null) journey.handler = inForce.settings.handler;
}
