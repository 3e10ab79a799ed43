import { applyConditions } from './content/conditions.ts';
import { contentPhase } from './content/content.ts';
import { accessPhase } from './access/access.ts';
import type { Asked } from './access/subrequest.ts';
import { specialResponse } from './error-page/error-page.ts';
import { doubt, fail, type Journey, LOST, ON, type Turn } from './journey.ts';
import { enter } from './location/enter.ts';
import { findLocation, title } from './location/find.ts';
import { firewall, preaccessPhase, realip } from './preaccess/preaccess.ts';
import { tryFiles } from './precontent/try-files.ts';
import { foreignRewrites, runRewrites } from './rewrite/rewrite.ts';
import { fromBytes } from './values/bytes.ts';

/** How a journey ended: an answer, or not known. */
export type Ending = Extract<Turn, { kind: 'sent' | 'lost' }>;

/** Statuses with which nginx closes the connection instead of answering. */
const CLOSING: ReadonlySet<number> = new Set([408, 444, 499]);

export type Ask = (journey: Journey, uri: string) => Asked;

/** From the first phase to the answer, through every internal redirect and error page. */
export function travel(journey: Journey, start: Turn, ask: Ask): Ending {
  let turn = start;
  if (turn.kind === 'on') turn = fromServer(journey, ask);
  for (;;) {
    switch (turn.kind) {
      case 'lost':
        return turn;
      case 'on':
        // The content phase always answers.
        return { kind: 'lost' };
      case 'sent': {
        const filtered = applyConditions(journey, turn);
        if (filtered !== turn) {
          turn = filtered;
          break;
        }
        // ngx_http_send_header: an error's status, once set, outranks that of the content.
        return { ...turn, status: journey.errorStatus === 0 ? turn.status : journey.errorStatus };
      }
      case 'status':
        if (CLOSING.has(turn.status)) return { kind: 'sent', status: turn.status, by: turn.by, source: 'closed', what: null };
        turn = specialResponse(journey, turn);
        break;
      case 'redirect':
        turn = redirect(journey, turn, ask);
        break;
      case 'named':
        turn = named(journey, turn, ask);
        break;
    }
  }
}

/** ngx_http_internal_redirect: everything from the server's rewrites on is done again with another URI. */
function redirect(journey: Journey, to: Extract<Turn, { kind: 'redirect' }>, ask: Ask): Turn {
  const { state } = journey;
  if (!mayChange(journey)) return fail(journey, 500, null, `redirection cycle while internally redirecting to ${fromBytes(to.uri)}`);
  if (to.uri === '') {
    // `try_files … $uri` under an alias may leave nothing, and the file modules then look at the byte before it.
    doubt(journey, journey.checks[to.by]?.directive ?? null, 'nginx is sent to an empty URI', 'what nginx makes of an empty URI');
    return LOST;
  }
  journey.round += 1;
  state.uri = to.uri;
  state.args = to.args;
  state.isInternal = true;
  state.isLocationStale = false;
  journey.isUriAddedToAlias = false;
  enter(journey, journey.server.scope);
  return fromServer(journey, ask);
}

/** ngx_http_named_location: straight to the rewrites of that location, with the URI as it is. */
function named(journey: Journey, to: Extract<Turn, { kind: 'named' }>, ask: Ask): Turn {
  const { state } = journey;
  const name = fromBytes(to.name);
  if (!mayChange(journey)) return fail(journey, 500, null, `redirection cycle while redirecting to ${name}`);
  if (state.uri === '') return fail(journey, 500, null, `empty URI in redirect to ${name}`);
  const scope = journey.server.named.get(to.name);
  if (scope === undefined) return fail(journey, 500, journey.checks[to.by]?.directive ?? null, `could not find named location ${name}`);
  journey.round += 1;
  state.isInternal = true;
  journey.handler = null;
  journey.tried = null;
  journey.locations.push(scope.directive);
  enter(journey, scope);
  journey.phase = 'find-location';
  journey.checks.push({
    phase: 'find-location',
    round: journey.round,
    verdict: 'noted',
    directive: scope.directive,
    says: `${title(scope)} takes over`,
    refusal: null,
    missing: null,
  });
  return fromLocation(journey, ask);
}

function mayChange(journey: Journey): boolean {
  journey.changesLeft -= 1;
  return journey.changesLeft > 0;
}

function fromServer(journey: Journey, ask: Ask): Turn {
  journey.phase = 'server-rewrite';
  foreignRewrites(journey, 'server-rewrite');
  unknownDirectives(journey, []);
  const rewritten = runRewrites(journey);
  if (rewritten.kind !== 'on' && rewritten.kind !== 'again') return rewritten;
  const found = findLocation(journey);
  return found.kind === 'on' ? fromLocation(journey, ask) : found;
}

/** From the location's rewrites to the content, looking for another location as often as they change the URI. */
function fromLocation(journey: Journey, ask: Ask): Turn {
  for (;;) {
    journey.phase = 'rewrite';
    foreignRewrites(journey, 'rewrite');
    unknownDirectives(journey, journey.server.scope.settings.unknown);
    firewall(journey, 'the request line and fields (phase 1)');
    // Where no location matched, the server's rewrites aren't run twice.
    const rewritten = journey.scope.kind === 'server' ? ON : runRewrites(journey);
    if (rewritten.kind === 'on') break;
    if (rewritten.kind !== 'again') return rewritten;
    if (!mayChange(journey)) return fail(journey, 500, null, `rewrite cycle while processing ${fromBytes(journey.state.uri)}`);
    journey.scope = journey.server.scope;
    journey.state.location = null;
    const found = findLocation(journey);
    if (found.kind !== 'on') return found;
  }
  for (const phase of [preaccessPhase, (it: Journey) => accessPhase(it, ask), tryFiles]) {
    const turn = phase(journey);
    if (turn.kind !== 'on') return turn;
  }
  return contentPhase(journey);
}

/** Directives the model knows nothing of may do anything: what they hang on is said once a scope. */
function unknownDirectives(journey: Journey, said: readonly unknown[]): void {
  if (journey.round > 0) return;
  for (const directive of journey.scope.settings.unknown) {
    if (said.includes(directive)) continue;
    doubt(journey, directive, `${directive.name} is not known to the model`, `what the directive ${directive.name} does`);
  }
}

/** Finds the client's address where the server's own settings trust somebody (the post-read phase). */
export function postRead(journey: Journey): Turn {
  journey.phase = 'post-read';
  realip(journey);
  return ON;
}
