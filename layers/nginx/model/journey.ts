import type { Answered, Check, ClientAddress, ModelRequest, Phase, Refusal, World } from './trace.ts';
import type { Directive } from './syntax/ast.ts';
import type { CompiledPlan } from './plan.ts';
import type { Group, Server } from './server/compile.ts';
import type { How } from './server/names.ts';
import type { Scope } from './location/scope.ts';
import type { Handler } from './settings/settings.ts';
import type { State } from './values/state.ts';
import type { Entity } from './content/conditions.ts';
import { placeKey } from './location/scope.ts';

/** One request on its way through nginx: what `ngx_http_request_t` holds, and the trace so far. */
export interface Journey {
  readonly plan: CompiledPlan;
  readonly request: ModelRequest;
  readonly world: World;
  readonly lift: ReadonlySet<string>;
  readonly checks: Check[];
  /** Checks that could not be judged and may matter to the answer, as indices into `checks`. */
  readonly doubts: number[];
  /** The locations entered. */
  readonly locations: (Directive | null)[];
  readonly group: Group;
  readonly state: State;
  server: Server;
  how: How;
  client: ClientAddress;
  /** The configuration in force. */
  scope: Scope;
  /** `r->content_handler`: found with the location, kept by an `if` that has none. */
  handler: Handler | null;
  phase: Phase;
  round: number;
  /** `r->uri_changes`: redirects and rewrites that are left; at 0 nginx gives up. */
  changesLeft: number;
  /** `r->error_page`: an error page is being sent, so that another error isn't replaced again. */
  isErrorPage: boolean;
  /** `r->access_code`: what satisfy any was refused with so far, for the post-access phase to speak out. */
  accessCode: { readonly status: number; readonly by: number } | null;
  /** `r->err_status`: the status to send whatever the content says; 0 for none. */
  errorStatus: number;
  /** `r->add_uri_to_alias`, which try_files sets in a regular expression's alias. */
  isUriAddedToAlias: boolean;
  /** An auth_request: access checks are skipped, and its checks are only notes of the main request. */
  readonly isSubrequest: boolean;
  isClientKnown: boolean;
  /** realip replaced the address: it is left alone from then on. */
  isClientReplaced: boolean;
  hasCountedRequests: boolean;
  hasCountedConnections: boolean;
  /** The error page that replaced the answer, and what it replaced. */
  masked: { readonly directive: Directive; readonly status: number; readonly by: number; readonly overwrite: number } | null;
  /** The file that is sent, for conditions and ranges. */
  entity: Entity | null;
  /** try_files that brought the URI in this round, for a missing index. */
  tried: Directive | null;
}

/** What comes next after a step, in terms of nginx's return codes. */
export type Turn =
  /** NGX_DECLINED or NGX_OK: the next step. */
  | { readonly kind: 'on' }
  /** A status for ngx_http_finalize_request: an error page may replace it. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly by: number;
      readonly source: Answered['source'];
      readonly what: string | null;
    }
  /** An answer sent as it is. */
  | {
      readonly kind: 'sent';
      readonly status: number;
      readonly by: number;
      readonly source: Answered['source'];
      readonly what: string | null;
    }
  /** ngx_http_internal_redirect. */
  | { readonly kind: 'redirect'; readonly uri: string; readonly args: string; readonly by: number }
  /** ngx_http_named_location. */
  | { readonly kind: 'named'; readonly name: string; readonly by: number }
  /** The step could not be judged, and what follows depends on it. */
  | { readonly kind: 'lost' };

export const ON: Turn = { kind: 'on' };
export const LOST: Turn = { kind: 'lost' };

/** `r->method`: a sub-request is always a GET, though `$request_method` still tells the main request's. */
export function methodOf({ isSubrequest, state }: Journey): string {
  return isSubrequest ? 'GET' : state.method;
}

type Facts<K extends Refusal['kind']> = Omit<Extract<Refusal, { kind: K }>, 'key' | 'status' | 'kind'>;

/** A refusal whose key names the spot: its kind and the place of `at`, or a path. */
export function refusalOf<K extends Refusal['kind']>(kind: K, status: number, at: Directive | string, facts: Facts<K>): Refusal {
  const key = `${kind} ${typeof at === 'string' ? at : placeKey(at)}`;
  // The facts are those of that very kind.
  return { kind, status, key, ...facts } as unknown as Refusal;
}

export function isLifted(journey: Journey, refusal: Refusal): boolean {
  return journey.lift.has(refusal.key);
}

function add(
  journey: Journey,
  verdict: Check['verdict'],
  directive: Directive | null,
  says: string,
  refusal: Refusal | null,
  missing: string | null,
): number {
  const { phase, round } = journey;
  return journey.checks.push({ phase, round, verdict, directive, says, refusal, missing }) - 1;
}

export function pass(journey: Journey, directive: Directive | null, says: string): number {
  return add(journey, 'passed', directive, says, null, null);
}

export function note(journey: Journey, directive: Directive | null, says: string): number {
  return add(journey, 'noted', directive, says, null, null);
}

export function refuse(journey: Journey, directive: Directive | null, says: string, refusal: Refusal): number {
  return add(journey, 'refused', directive, says, refusal, null);
}

/** Notes a step that can't be judged; with a refusal, it may be what refused. */
export function doubt(
  journey: Journey,
  directive: Directive | null,
  says: string,
  missing: string,
  refusal: Refusal | null = null,
): number {
  const at = add(journey, 'undetermined', directive, says, refusal, missing);
  journey.doubts.push(at);
  return at;
}

/** Refuses with a status that an error page may replace, unless the refusal is lifted: then the walk goes on. */
export function refuseWith(journey: Journey, directive: Directive | null, says: string, refusal: Refusal): Turn {
  if (isLifted(journey, refusal)) {
    pass(journey, directive, `${says} (lifted)`);
    return ON;
  }
  return { kind: 'status', status: refusal.status, by: refuse(journey, directive, says, refusal), source: 'error', what: null };
}

/** A candidate that may refuse: a doubt, unless it is lifted. The walk goes on. */
export function mayRefuse(journey: Journey, directive: Directive | null, says: string, missing: string, refusal: Refusal): void {
  if (isLifted(journey, refusal)) pass(journey, directive, `${says} (lifted)`);
  else if (isKnownToPass(journey, refusal)) pass(journey, directive, `${says}, and lets this request pass`);
  else doubt(journey, directive, says, missing, refusal);
}

/** An error that is nobody's rule: bad requests, missing files, faults. */
export function fail(journey: Journey, status: number, directive: Directive | null, why: string): Turn {
  const refusal = refusalOf('built-in', status, directive ?? why, { why, rule: directive });
  return refuseWith(journey, directive, why, refusal);
}

/** Whether somebody else knows that a module outside the model has nothing against this request. */
export function isKnownToPass(journey: Journey, refusal: Refusal | null): boolean {
  return refusal?.kind === 'module' && journey.world.foreign?.(refusal.rule) === 'passes';
}
