import { type Journey, refusalOf } from '../journey.ts';
import { fromBytes } from '../values/bytes.ts';
import { expand } from '../values/expand.ts';
import { DECLINED, type Outcome } from './outcome.ts';

/** What an auth_request's target came to. */
export interface Asked {
  readonly status: number | null;
  readonly missing: string | null;
  /** The sub-request as it ended. */
  readonly journey: Journey | null;
}

/** auth_request: 2xx lets pass, 401 and 403 are taken over, anything else is 500. */
export function judgeSubrequest(journey: Journey, ask: (journey: Journey, uri: string) => Asked): Outcome {
  const { authRequest } = journey.scope.settings;
  if (authRequest === null) return DECLINED;
  const rule = authRequest.directive;
  const observed = journey.world.authRequest(rule);
  const told = ask(journey, authRequest.uri);
  const asked = observed === null ? told : { ...told, status: observed, missing: null };
  // ngx_http_auth_request_set_variables: whatever the status, and with the sub-request's values.
  for (const { name, text } of journey.scope.settings.authRequestSet) {
    journey.state.assigned.set(name, expand(text, (told.journey ?? journey).state));
  }
  const target = fromBytes(authRequest.uri);
  if (asked.status === null) {
    const refusal = refusalOf('auth-request', 403, rule, { rule, answered: null });
    return {
      kind: 'unknown',
      directive: rule,
      says: `auth_request asks ${target}`,
      missing: asked.missing ?? `what ${target} answers`,
      refusal,
    };
  }
  if (asked.status >= 200 && asked.status < 300)
    return { kind: 'allowed', directive: rule, says: `auth_request: ${target} answers ${asked.status}` };
  const status = asked.status === 401 || asked.status === 403 ? asked.status : 500;
  const refusal = refusalOf('auth-request', status, rule, { rule, answered: asked.status });
  return { kind: 'refused', directive: rule, says: `auth_request: ${target} answers ${asked.status}`, refusal };
}
