import { header } from '@why403/terms/request';
import type { Directive } from '../syntax/ast.ts';
import { doubt, fail, isLifted, type Journey, LOST, mayRefuse, methodOf, ON, pass, refusalOf, type Turn } from '../journey.ts';
import { directoryIndex } from './directory-index.ts';
import { gzipStatic } from './gzip.ts';
import { handle } from './handlers.ts';
import { autoindex, nothingFound, randomIndex } from './listing.ts';
import { staticFile } from './static.ts';

/** The content phase: the location's handler, else the file modules in the reverse of their order in nginx. */
export function contentPhase(journey: Journey): Turn {
  journey.phase = 'content';
  const tried: string[] = [];
  const handled = journey.handler === null ? ON : handle(journey, journey.handler);
  if (handled.kind !== 'on') return handled;
  foreignFilters(journey);
  for (const step of [randomIndex, (it: Journey) => directoryIndex(it, tried), autoindex, dav, gzipStatic, staticFile]) {
    const turn = step(journey);
    if (turn.kind !== 'on') return turn;
  }
  return nothingFound(journey, tried);
}

/** Modules outside the model that answer or filter only some requests. */
function foreignFilters(journey: Journey): void {
  const { state, request } = journey;
  for (const { directive, risk } of journey.scope.settings.risks) {
    if (risk.phase !== 'content') continue;
    if (risk.module === 'dav_ext' && !['PROPFIND', 'OPTIONS', 'LOCK', 'UNLOCK', 'PROPPATCH'].includes(methodOf(journey))) continue;
    if (risk.module === 'fancyindex' && !state.uri.endsWith('/')) continue;
    if (risk.module === 'brotli_static' && header(request.headers, 'accept-encoding')?.includes('br') !== true) continue;
    const missing = `what the module ${risk.module} does with this request`;
    const says = `${directive.name} may answer by itself`;
    if (risk.status === null) doubt(journey, directive, says, missing);
    else
      mayRefuse(journey, directive, says, missing, refusalOf('module', risk.status, directive, { rule: directive, module: risk.module }));
  }
}

/** The dav module writes: how that ends is not computed, except where it refuses by the request alone. */
function dav(journey: Journey): Turn {
  const { state, scope, request } = journey;
  if (!scope.settings.davMethods.has(methodOf(journey))) return ON;
  const length = Number(header(request.headers, 'content-length') ?? '0');
  if (methodOf(journey) === 'PUT') {
    if (state.uri.endsWith('/')) return fail(journey, 409, null, 'cannot PUT to a collection');
    if (header(request.headers, 'content-range') !== undefined) return fail(journey, 501, null, 'PUT with a range is unsupported');
  } else if (length > 0) return fail(journey, 415, null, `${methodOf(journey)} with a body is unsupported`);
  if (methodOf(journey) === 'MKCOL' && !state.uri.endsWith('/')) return fail(journey, 409, null, 'MKCOL can create a collection only');
  const rule = davMethodsAt(state.location ?? state.server);
  if (rule === null) return ON;
  // What the system forbids the worker: ngx_http_dav_error answers 403, the moving and copying of files 500.
  const status = methodOf(journey) === 'DELETE' || methodOf(journey) === 'MKCOL' ? 403 : 500;
  const refusal = refusalOf('module', status, rule, { rule, module: 'dav' });
  if (isLifted(journey, refusal)) return { kind: 'sent', status: 204, by: pass(journey, rule, 'dav (lifted)'), source: 'file', what: null };
  doubt(journey, rule, `the dav module carries out ${methodOf(journey)}`, `whether the worker may write at ${state.uri}`, refusal);
  return LOST;
}

/** The dav_methods in force in a block: the innermost one. */
function davMethodsAt(block: Directive | null): Directive | null {
  for (let one = block; one !== null; one = one.parent) {
    const own = one.block?.findLast(({ name }) => name === 'dav_methods');
    if (own !== undefined) return own;
  }
  return null;
}
