import { header } from '@why403/terms/request';
import type { Handler } from '../settings/settings.ts';
import { doubt, fail, isLifted, type Journey, LOST, methodOf, ON, pass, refusalOf, refuse, refuseWith, type Turn } from '../journey.ts';
import type { Directive } from '../syntax/ast.ts';
import { fromBytes } from '../values/bytes.ts';
import { valueOf } from '../values/expand.ts';
import { mapUri } from './path.ts';
import { reach } from './reach.ts';
import { sendFile, statusOf, unknownFile } from './static.ts';

/** The content handler of a location. `on` means NGX_DECLINED: files are tried after all. */
export function handle(journey: Journey, handler: Handler): Turn {
  const method = methodOf(journey);
  switch (handler.kind) {
    case 'proxy':
      return passOn(journey, handler);
    case 'module':
      return foreign(journey, handler);
    default:
      break;
  }
  if (method !== 'GET' && method !== 'HEAD')
    return fail(journey, 405, handler.directive, `${handler.directive.name} answers only GET and HEAD`);
  switch (handler.kind) {
    case 'memcached':
      return passOn(journey, handler);
    case 'stub_status':
    case 'empty_gif':
      return {
        kind: 'sent',
        status: 200,
        by: pass(journey, handler.directive, `${handler.directive.name} answers`),
        source: 'file',
        what: null,
      };
    default:
      return video(journey, handler);
  }
}

/** What is behind nginx answers; its errors pass unless intercepted. */
function passOn(journey: Journey, handler: Handler): Turn {
  const { settings, name } = journey.scope;
  // The handler may be an earlier if's, whose configuration is no longer in force.
  const rule = settings.targets.get(handler.family);
  if (rule === undefined) return fail(journey, 500, handler.directive, `no upstream configuration for ${handler.directive.name}`);
  if (
    rule.name === 'proxy_pass' &&
    !journey.state.isLocationStale &&
    replacesUri(rule.args[0] ?? '') &&
    journey.state.uri.length < name.length
  ) {
    // ngx_http_proxy_create_request takes the location's length off a URI that try_files made shorter, and runs wild.
    doubt(journey, rule, 'proxy_pass replaces more than there is of the URI', 'what nginx does with a URI shorter than its location');
    return LOST;
  }
  const keyless = handler.kind === 'memcached' ? withoutKey(journey, rule) : null;
  if (keyless !== null) return keyless;
  const isReachable = journey.world.reaches?.(rule) !== false;
  const status = isReachable ? journey.world.upstream(rule) : 502;
  const refusal = refusalOf('upstream', status !== null && status >= 400 ? status : 403, rule, { rule });
  if (isLifted(journey, refusal))
    return { kind: 'sent', status: 200, by: pass(journey, rule, `${rule.name} (lifted)`), source: 'upstream', what: null };
  if (status === null) {
    doubt(journey, rule, `${rule.name} hands the request on`, `what ${fromBytes(rule.args[0] ?? '')} answers`, refusal);
    return LOST;
  }
  if (status === 200 && handler.kind === 'memcached' && header(journey.request.headers, 'range') !== undefined) {
    // ngx_http_memcached_create_loc_conf hardwires force_ranges: 206 or 416, by a length that isn't known.
    doubt(
      journey,
      rule,
      `${rule.name} hands the request on, and a range of what comes back is sent`,
      'how long that is which memcached holds',
    );
    return LOST;
  }
  const says = `${rule.name} hands the request on, and ${isReachable ? status : 'nothing usable'} comes back`;
  const by = status >= 400 ? refuse(journey, rule, says, refusal) : pass(journey, rule, says);
  // nginx's own 502 goes through its error pages like any error.
  if (!isReachable) return { kind: 'status', status, by, source: 'error', what: null };
  return { kind: isIntercepted(journey, handler, status) ? 'status' : 'sent', status, by, source: 'upstream', what: null };
}

/** memcached_pass asks for `$memcached_key`; without one nginx answers 500 by itself. */
function withoutKey(journey: Journey, rule: Directive): Turn | null {
  const key = valueOf('memcached_key', journey.state);
  if (key.known) return key.value === '' ? fail(journey, 500, rule, 'the $memcached_key variable is not set') : null;
  doubt(journey, rule, 'memcached_pass asks for $memcached_key', key.missing);
  return LOST;
}

/** Whether a proxy_pass has a URI of its own, which replaces the location's name. */
function replacesUri(target: string): boolean {
  const rest = target.replace(/^https?:\/\//i, '');
  return rest.startsWith('unix:') ? rest.slice('unix:'.length).includes(':') : rest.includes('/') && !rest.includes('$');
}

/** ngx_http_upstream_intercept_errors: only a status that has an error page. */
function isIntercepted(journey: Journey, handler: Handler, status: number): boolean {
  if (handler.kind === 'memcached' && status === 404) return true;
  const { settings } = journey.scope;
  return status >= 300 && settings.intercepts.has(handler.family) && settings.errorPages.some((page) => page.status === status);
}

function foreign(journey: Journey, handler: Handler): Turn {
  const rule = handler.directive;
  const refusal = refusalOf('module', 403, rule, { rule, module: handler.family });
  if (isLifted(journey, refusal))
    return { kind: 'sent', status: 200, by: pass(journey, rule, `${rule.name} (lifted)`), source: 'upstream', what: null };
  doubt(journey, rule, `the module ${handler.family} answers by its own code`, `what ${rule.name} does with this request`, refusal);
  return LOST;
}

/** flv and mp4: a file as the static module serves it, but what isn't one is left to it. */
function video(journey: Journey, handler: Handler): Turn {
  const { state } = journey;
  if (state.uri.endsWith('/')) return ON;
  const mapped = mapUri(journey);
  if (mapped.state === 'impossible') return fail(journey, 500, journey.scope.settings.root.directive, mapped.why);
  if (mapped.state === 'unknown') return unknownFile(journey, mapped.missing);
  const found = reach(journey, mapped.path, 'open');
  if (found.state === 'unknown') return unknownFile(journey, found.missing);
  const path = fromBytes(mapped.path);
  if (found.state === 'blocked') {
    const turn = refuseWith(journey, handler.directive, found.says, found.refusal(statusOf(found.errno), 'open'));
    return turn.kind === 'on' ? { kind: 'sent', status: 200, by: journey.checks.length - 1, source: 'file', what: path } : turn;
  }
  if (found.entry.type !== 'file') return ON;
  if (handler.kind === 'mp4' && /(?:^|&)(?:start|end)=/i.test(state.args)) {
    doubt(journey, handler.directive, 'mp4 cuts the file', `the structure of ${path}`);
    return LOST;
  }
  return sendFile(journey, path, found.entry.size, true);
}
