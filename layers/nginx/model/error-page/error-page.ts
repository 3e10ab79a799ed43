import { doubt, type Journey, LOST, note, type Turn } from '../journey.ts';
import { fromBytes } from '../values/bytes.ts';
import { expand } from '../values/expand.ts';
import { splitArgs } from './split.ts';

type StatusTurn = Extract<Turn, { kind: 'status' }>;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Statuses only nginx knows, sent as 400. */
const INTERNAL_STATUSES: ReadonlySet<number> = new Set([494, 495, 496, 497]);

/** ngx_http_special_response_handler: an error page where there is one, else nginx's own answer. */
export function specialResponse(journey: Journey, turn: StatusTurn): Turn {
  const { state, scope } = journey;
  const { errorPages, isRecursiveErrorPages } = scope.settings;
  journey.errorStatus = turn.status;
  if (!journey.isErrorPage && errorPages.length > 0 && journey.changesLeft !== 0) {
    if (!isRecursiveErrorPages) journey.isErrorPage = true;
    const page = errorPages.find(({ status }) => status === turn.status);
    if (page !== undefined) {
      journey.phase = 'error-page';
      journey.masked ??= { directive: page.directive, status: turn.status, by: turn.by, overwrite: page.overwrite };
      if (page.overwrite >= 0) journey.errorStatus = page.overwrite;
      // $status is the error's, or none yet with `=`.
      state.status = journey.errorStatus === 0 ? null : journey.errorStatus;
      const target = expand(page.target, state);
      if (!target.known) {
        doubt(journey, page.directive, `error_page replaces ${turn.status}`, target.missing);
        return LOST;
      }
      const by = note(journey, page.directive, `error_page answers ${turn.status} with ${fromBytes(target.value)}`);
      if (target.value.startsWith('/')) {
        if (state.method !== 'HEAD') state.method = 'GET';
        return {
          kind: 'redirect',
          ...(page.target.constant === null ? splitArgs(target.value) : { uri: target.value, args: page.args }),
          by,
        };
      }
      if (target.value.startsWith('@')) return { kind: 'named', name: target.value, by };
      const status = REDIRECTS.has(page.overwrite) ? page.overwrite : 302;
      journey.errorStatus = status;
      return { kind: 'sent', status, by: turn.by, source: 'redirect', what: fromBytes(target.value) };
    }
  }
  if (INTERNAL_STATUSES.has(turn.status)) journey.errorStatus = 400;
  return { kind: 'sent', status: journey.errorStatus, by: turn.by, source: turn.source, what: turn.what };
}
