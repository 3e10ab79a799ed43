import type { Entry } from '@why403/filesystem';
import { doubt, fail, type Journey, LOST, methodOf, ON, pass, refusalOf, refuseWith, type Turn } from '../journey.ts';
import { fromBytes } from '../values/bytes.ts';
import { escapeUri } from './escape.ts';
import { mapUri } from './path.ts';
import { reach } from './reach.ts';

/** The static module: the file the URI maps to. It answers for every method, so nothing comes after it but a slash. */
export function staticFile(journey: Journey): Turn {
  const { state } = journey;
  if (methodOf(journey) !== 'GET' && methodOf(journey) !== 'HEAD' && methodOf(journey) !== 'POST') {
    return fail(journey, 405, null, `files are not served for ${methodOf(journey)}`);
  }
  if (state.uri.endsWith('/')) return ON;
  const mapped = mapUri(journey);
  const root = journey.scope.settings.root.directive;
  if (mapped.state === 'impossible') return fail(journey, 500, root, mapped.why);
  if (mapped.state === 'unknown') return unknownFile(journey, mapped.missing);
  const found = reach(journey, mapped.path, 'open');
  if (found.state === 'unknown') return unknownFile(journey, found.missing);
  const path = fromBytes(mapped.path);
  if (found.state === 'blocked') {
    const turn = refuseWith(journey, null, found.says, found.refusal(statusOf(found.errno), 'open'));
    if (turn.kind !== 'on') return turn;
    return { kind: 'sent', status: 200, by: journey.checks.length - 1, source: 'file', what: path };
  }
  return serve(journey, path, found.entry);
}

/** What an open that failed is answered with. */
export function statusOf(errno: string): number {
  return errno === 'EACCES' || errno === 'ELOOP' ? 403 : 404;
}

function serve(journey: Journey, path: string, entry: Entry): Turn {
  const { state } = journey;
  if (entry.type === 'directory') {
    const by = pass(journey, null, `${path} is a directory: 301 to the URI with a slash`);
    return {
      kind: 'status',
      status: 301,
      by,
      source: 'redirect',
      what: `${escapeUri(state.uri)}/${state.args === '' ? '' : `?${state.args}`}`,
    };
  }
  if (entry.type !== 'file') {
    const why = `${path} is not a regular file`;
    return refuseWith(journey, null, why, refusalOf('built-in', 404, why, { why, rule: null, path }));
  }
  if (methodOf(journey) === 'POST') return fail(journey, 405, null, 'a file is not served for POST');
  return sendFile(journey, path, entry.size, true);
}

/** 200 with the file; conditions and ranges of the request are seen to when it is sent. */
export function sendFile(journey: Journey, path: string, size: number, hasRanges: boolean): Turn {
  journey.entity = { path, size, hasRanges };
  return { kind: 'sent', status: 200, by: pass(journey, null, `${path} can be read`), source: 'file', what: path };
}

export function unknownFile(journey: Journey, missing: string): Turn {
  doubt(journey, journey.scope.settings.root.directive, 'whether the file can be read is not known', missing);
  return LOST;
}
