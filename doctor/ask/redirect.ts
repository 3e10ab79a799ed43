import { Fault, isFault } from '@why403/terms/fault';
import { type Exchange, header, type Headers } from '@why403/terms/request';
import { authorityOf, parseUri, resolveReference, targetOf, type Uri } from '@why403/terms/uri';
import type { Asked } from './ask-url.ts';
import type { AskPorts, AskSettings } from './ports.ts';
import { chooseProxyAgain } from './proxy.ts';
import { mayGoOut } from './sending.ts';

/** RFC 9110 §15.4: the statuses that name another place to ask. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const OF_THE_BODY: ReadonlySet<string> = new Set(['content-length', 'content-type', 'transfer-encoding']);

function isSameOrigin(one: Uri, other: Uri): boolean {
  return one.scheme === other.scheme && one.hostname.toLowerCase() === other.hostname.toLowerCase() && one.port === other.port;
}

function nextMethod(asked: Asked, status: number): string {
  const { method } = asked.question;
  // curl keeps a method that --request forces
  if (asked.isMethodForced) return method;
  // RFC 9110 §15.4.2 to §15.4.4: a POST may become GET on 301 and 302; 303 asks for it
  if (status === 303 && method !== 'HEAD') return 'GET';
  return (status === 301 || status === 302) && method === 'POST' ? 'GET' : method;
}

function nextFields(asked: Asked, uri: Uri, keepsBody: boolean): Headers {
  const isSame = isSameOrigin(asked.uri, uri);
  const keepsCredentials = isSame || asked.plan.isLocationTrusted;
  const credentials = uri.userinfo === null ? null : btoa(`${uri.userinfo.user}:${uri.userinfo.password}`);
  const kept = asked.question.headers.filter(([name]) => {
    const lower = name.toLowerCase();
    if (lower === 'host' && !isSame) return false;
    if (OF_THE_BODY.has(lower)) return keepsBody;
    return lower === 'authorization' || lower === 'cookie'
      ? keepsCredentials && !(lower === 'authorization' && credentials !== null)
      : true;
  });
  const host: Headers = isSame ? [] : [['Host', authorityOf(uri)]];
  const login: Headers = credentials === null ? [] : [['Authorization', `Basic ${credentials}`]];
  return [...host, ...kept, ...login];
}

/**
 * The question that an answer redirects to, when redirects are to be followed; null when there is nothing
 * to follow. Credentials stay behind when the origin changes, as curl does it.
 */
export function followRedirect(asked: Asked, exchange: Exchange, settings: AskSettings, ports: AskPorts): Asked | Fault | null {
  const location = header(exchange.headers, 'Location');
  if (asked.plan.redirects === 0 || location === undefined || !REDIRECTS.has(exchange.status)) return null;
  const reference = resolveReference(asked.uri, location.trim().replaceAll(' ', '%20'));
  const uri = parseUri(reference, { toAscii: ports.toAscii, dotSegments: 'remove' });
  if (isFault(uri))
    return new Fault(uri.code, `The answer redirects to a place that can not be asked: ${uri.message}`, { where: { in: 'Location' } });
  const method = nextMethod(asked, exchange.status);
  const body = method === asked.question.method ? asked.plan.body : null;
  return {
    question: {
      ...asked.question,
      method,
      scheme: uri.scheme,
      hostname: uri.hostname,
      port: uri.port,
      target: targetOf(uri),
      headers: nextFields(asked, uri, body !== null),
      bodyLength: body?.length ?? 0,
    },
    plan: {
      ...asked.plan,
      body,
      redirects: asked.plan.redirects - 1,
      proxy: chooseProxyAgain(asked.plan.proxy, uri),
      send: mayGoOut(method, body !== null, settings),
    },
    uri,
    isMethodForced: asked.isMethodForced,
    notes: [],
  };
}
