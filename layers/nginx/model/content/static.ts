import type { Entry } from '@why403/filesystem';
import { doubt, fail, type Journey, LOST, ON, pass, refuseWith, type Turn } from '../journey.ts';
import { fromBytes } from '../values/bytes.ts';
import { mapUri } from './path.ts';
import { reach } from './reach.ts';

/** The static module: the file the URI maps to. It answers for every method, so nothing comes after it but a slash. */
export function staticFile(journey: Journey): Turn {
  const { state } = journey;
  if (state.method !== 'GET' && state.method !== 'HEAD' && state.method !== 'POST') {
    return fail(journey, 405, null, `files are not served for ${state.method}`);
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
    return { kind: 'status', status: 301, by, source: 'redirect', what: `${state.uri}/` };
  }
  if (entry.type !== 'file') return fail(journey, 404, null, `${path} is not a regular file`);
  if (state.method === 'POST') return fail(journey, 405, null, 'a file is not served for POST');
  return sendFile(journey, path);
}

const CONDITIONS = ['if-modified-since', 'if-unmodified-since', 'if-match', 'if-none-match', 'range'];

/** 200 with the file, unless the request asks for conditions or ranges that hang on its times and size. */
export function sendFile(journey: Journey, path: string): Turn {
  const condition = journey.errorStatus === 0 ? journey.request.headers.find(([name]) => CONDITIONS.includes(name.toLowerCase())) : undefined;
  if (condition !== undefined) {
    doubt(journey, null, `${path} can be read; the answer hangs on ${condition[0]}`, `the modification time and size of ${path}`);
    return LOST;
  }
  return { kind: 'sent', status: 200, by: pass(journey, null, `${path} can be read`), source: 'file', what: path };
}

export function unknownFile(journey: Journey, missing: string): Turn {
  doubt(journey, journey.scope.settings.root.directive, 'whether the file can be read is not known', missing);
  return LOST;
}
