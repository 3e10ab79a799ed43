import { header } from '@why403/terms/request';
import { doubt, fail, type Journey, note, ON, refuseWith, refusalOf, type Turn } from '../journey.ts';
import { escapeUri } from '../content/escape.ts';
import { fromBytes } from '../values/bytes.ts';
import { chooseLocation } from './choose.ts';
import { enter } from './enter.ts';
import type { Scope } from './scope.ts';

/** The find-config phase: chooses the location, guards internal ones, and answers for a missing slash. */
export function findLocation(journey: Journey): Turn {
  const { state, server } = journey;
  journey.phase = 'find-location';
  journey.handler = null;
  journey.tried = null;
  const choice = chooseLocation(server.scope, state);
  if (choice.how === 'unknown') {
    doubt(journey, choice.regex.directive, `${title(choice.regex)} may take the request`, choice.missing);
  }
  const { scope } = choice;
  journey.locations.push(scope.kind === 'server' ? null : scope.directive);
  note(
    journey,
    scope.directive,
    scope.kind === 'server' ? `no location matches ${fromBytes(state.uri)}` : `${title(scope)} takes ${fromBytes(state.uri)}`,
  );

  const { internal } = scope.settings;
  if (internal !== null && !state.isInternal) {
    const refusal = refusalOf('built-in', 404, internal, { why: 'the location is internal', rule: internal });
    const turn = refuseWith(journey, internal, `${title(scope)} is internal: 404 from outside`, refusal);
    // nginx finalizes before it takes the location's limit_except into account.
    if (turn.kind !== 'on') {
      journey.scope = scope;
      return turn;
    }
  }
  enter(journey, scope);
  return judgeBodySize(journey) ?? (choice.how === 'redirect' ? redirect(journey, scope) : ON);
}

export function title(scope: Scope): string {
  return `${scope.directive.name} ${scope.directive.args.join(' ')}`.trimEnd();
}

function judgeBodySize(journey: Journey): Turn | null {
  const { maxBodySize } = journey.scope.settings;
  const length = Number(header(journey.request.headers, 'content-length') ?? '-1');
  if (maxBodySize.bytes === 0 || !(length > maxBodySize.bytes) || journey.isSubrequest) return null;
  const turn = fail(journey, 413, maxBodySize.directive, `the body of ${length} bytes is larger than client_max_body_size`);
  return turn.kind === 'on' ? null : turn;
}

/** The name lacks only its slash: 301, as for proxy_pass and its like. */
function redirect(journey: Journey, scope: Scope): Turn {
  const by = note(journey, scope.directive, `${fromBytes(journey.state.uri)} lacks the slash of ${title(scope)}: 301`);
  const { args } = journey.state;
  return { kind: 'status', status: 301, by, source: 'redirect', what: `${escapeUri(scope.name)}${args === '' ? '' : `?${args}`}` };
}
