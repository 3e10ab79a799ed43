import { doubt, isLifted, type Journey, mayRefuse, note, ON, pass, refusalOf, type Turn } from '../journey.ts';
import type { Limits } from '../settings/settings.ts';
import { expand } from '../values/expand.ts';
import { resolveClient } from '../values/realip.ts';

/** The preaccess phase: a WAF with the body, realip for what only a location trusts, limit_req, limit_conn. */
export function preaccessPhase(journey: Journey): Turn {
  journey.phase = 'preaccess';
  firewall(journey, 'the whole request (phase 2)');
  for (const { directive, risk } of journey.scope.settings.risks) {
    if (risk.phase !== 'preaccess') continue;
    const refusal = refusalOf('module', risk.status ?? 503, directive, { rule: directive, module: risk.module });
    mayRefuse(journey, directive, `the module ${risk.module} may refuse`, `what ${directive.name} decides`, refusal);
  }
  realip(journey);
  if (!journey.hasCountedRequests) journey.hasCountedRequests = count(journey, journey.scope.settings.limitReq, 'requests');
  if (!journey.hasCountedConnections) journey.hasCountedConnections = count(journey, journey.scope.settings.limitConn, 'connections');
  return ON;
}

/** ModSecurity looks at the request line and fields before the location's rewrites, at all of it in preaccess. */
export function firewall(journey: Journey, looksAt: string): void {
  const rule = journey.scope.settings.modsecurity;
  if (rule === null || journey.isSubrequest) return;
  const refusal = refusalOf('module', 403, rule, { rule, module: 'modsecurity' });
  mayRefuse(journey, rule, `ModSecurity looks at ${looksAt}`, 'what the rules of ModSecurity decide', refusal);
}

/** Finds the client's address once: in post-read by the server's settings, else in preaccess by the location's. */
export function realip(journey: Journey): void {
  const settings = journey.scope.settings.realip;
  if (settings === null || journey.isClientReplaced || journey.isSubrequest) return;
  const { client, missing, isReplaced } = resolveClient(settings, journey.state);
  journey.client = client;
  journey.isClientReplaced = isReplaced;
  if (missing !== null) {
    journey.isClientKnown = false;
    doubt(journey, settings.from[0] ?? null, 'the client address is taken from the request', missing);
  } else if (isReplaced) {
    note(journey, settings.header ?? settings.from[0] ?? null, `the client is ${client.address}, as told by ${client.peer}`);
  }
}

/** Whether the request was counted. The counters' state is not known, unless nothing else asks. */
function count(journey: Journey, limits: Limits, of: 'requests' | 'connections'): boolean {
  let isCounted = false;
  for (const { directive, zone, key } of limits.list) {
    const text = key === null ? null : expand(key, journey.state);
    // A request with an empty key isn't counted.
    if (text?.known === true && text.value === '') continue;
    isCounted = true;
    const refusal = refusalOf('limit', limits.status, directive, { rule: directive, of, zone });
    if (limits.isDryRun) note(journey, directive, `${directive.name} only counts in zone ${zone}: dry run`);
    else if (journey.world.isAlone === true || isLifted(journey, refusal))
      pass(journey, directive, `${directive.name} lets a lone request pass in zone ${zone}`);
    else doubt(journey, directive, `${directive.name} counts ${of} in zone ${zone}`, `how many ${of} zone ${zone} has counted`, refusal);
  }
  return isCounted;
}
