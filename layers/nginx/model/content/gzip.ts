import { header } from '@why403/terms/request';
import { doubt, fail, type Journey, LOST, methodOf, ON, type Turn } from '../journey.ts';
import { match } from '../values/pattern.ts';
import { fromBytes } from '../values/bytes.ts';
import { mapUri } from './path.ts';
import { reach } from './reach.ts';
import { sendFile, unknownFile } from './static.ts';

/** gzip_static: the file with `.gz` behind its name, for clients that take gzip. */
export function gzipStatic(journey: Journey): Turn {
  const { state, scope } = journey;
  const { settings } = scope;
  if (settings.gzipStatic === 'off' || state.uri.endsWith('/') || (methodOf(journey) !== 'GET' && methodOf(journey) !== 'HEAD')) return ON;
  const accepted = settings.gzipStatic === 'always' ? 'yes' : accepts(journey);
  if (accepted === 'unknown') {
    doubt(journey, null, 'whether the compressed file is chosen is not known', 'how gzip_proxied or gzip_disable judge this request');
    return LOST;
  }
  if (!settings.isGzipVary && accepted === 'no') return ON;
  const mapped = mapUri(journey);
  if (mapped.state === 'impossible') return fail(journey, 500, settings.root.directive, mapped.why);
  if (mapped.state === 'unknown') return unknownFile(journey, mapped.missing);
  const found = reach(journey, `${mapped.path}.gz`, 'open');
  if (found.state === 'unknown') return unknownFile(journey, found.missing);
  // Whatever hinders it, the plain file is tried next.
  if (found.state === 'blocked' || accepted === 'no' || found.entry.type === 'directory') return ON;
  const path = fromBytes(`${mapped.path}.gz`);
  return found.entry.type === 'file'
    ? sendFile(journey, path, found.entry.size, false)
    : fail(journey, 404, null, `${path} is not a regular file`);
}

/** ngx_http_gzip_ok. */
function accepts(journey: Journey): 'yes' | 'no' | 'unknown' {
  const { settings } = journey.scope;
  const accepted = header(journey.request.headers, 'accept-encoding');
  if (journey.isSubrequest || accepted === undefined || !(accepted.startsWith('gzip,') || takesGzip(accepted))) return 'no';
  if (journey.request.httpVersion === '1.0' && settings.gzipHttpVersion === '1.1') return 'no';
  if (header(journey.request.headers, 'via') !== undefined) {
    if (settings.gzipProxied.includes('off')) return 'no';
    if (!settings.gzipProxied.includes('any')) return 'unknown';
  }
  const agent = header(journey.request.headers, 'user-agent');
  if (agent === undefined) return 'yes';
  for (const pattern of settings.gzipDisable) {
    const disabled = match(pattern, agent);
    if (disabled.state === 'unknown') return 'unknown';
    if (disabled.state === 'matched') return 'no';
  }
  return 'yes';
}

/** ngx_http_gzip_accept_encoding: `gzip` as a word, and not with a quality of zero. */
function takesGzip(accepted: string): boolean {
  const [, rest] = /(?:^|[, ])gzip(.*)$/is.exec(accepted) ?? [];
  if (rest === undefined) return false;
  const trimmed = rest.replace(/^ +/, '');
  if (trimmed === '' || trimmed.startsWith(',')) return true;
  if (!trimmed.startsWith(';')) return false;
  const quality = trimmed.slice(1).replace(/^ +/, '');
  if (quality === '') return true;
  const [, value] = /^q=(.*)$/is.exec(quality) ?? [];
  return value !== undefined && /^(?:1(?:\.0{0,3})?|0\.\d{0,3})(?:[, ]|$)/.test(value) && !/^0(?:\.0*)?(?:[, ]|$)/.test(value);
}
