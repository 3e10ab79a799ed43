import { header, type Question } from '@why403/terms/request';
import { authorityOf } from '@why403/terms/uri';
import type { Proxy, SendPlan } from './plan.ts';

const encoder = new TextEncoder();

/** Where the connection of a question leads first: to the proxy, to what --connect-to says, or to its own host. */
export function connectionTarget(question: Question, plan: SendPlan): { readonly hostname: string; readonly port: number } {
  if (plan.proxy !== null) return { hostname: plan.proxy.hostname, port: plan.proxy.port };
  return connectTarget(plan.connectTo, question.hostname, question.port);
}

/** The host and port for the request itself, behind any proxy; the first rule that fits decides. */
export function connectTarget(
  rules: SendPlan['connectTo'],
  hostname: string,
  port: number,
): { readonly hostname: string; readonly port: number } {
  const rule = rules.find(
    (one) =>
      (one.fromHost === '' || one.fromHost.toLowerCase() === hostname.toLowerCase()) && (one.fromPort === null || one.fromPort === port),
  );
  if (rule === undefined) return { hostname, port };
  return { hostname: rule.toHost === '' ? hostname : rule.toHost, port: rule.toPort ?? port };
}

function isChunked(question: Question): boolean {
  return /(?:^|,)\s*chunked\s*$/i.test(header(question.headers, 'Transfer-Encoding') ?? '');
}

function chunked(body: Uint8Array): readonly Uint8Array[] {
  const last = encoder.encode('0\r\n\r\n');
  return body.length === 0 ? [last] : [encoder.encode(`${body.length.toString(16)}\r\n`), body, encoder.encode('\r\n'), last];
}

/**
 * The bytes of an HTTP/1 request, exactly as asked: target, order and case of the fields untouched. To a
 * proxy without a tunnel the target goes in absolute form (RFC 9112 §3.2.2).
 */
export function composeRequest(question: Question, body: Uint8Array | null, proxy: Proxy | null): readonly Uint8Array[] {
  const isAbsolute = proxy !== null && !proxy.isTunnel;
  const path = question.target === '*' ? '' : question.target;
  const target = isAbsolute ? `${question.scheme}://${authorityOf(question)}${path}` : question.target;
  const lines = [`${question.method} ${target} HTTP/${question.httpVersion === '1.0' ? '1.0' : '1.1'}`];
  const login = isAbsolute && proxy.authorization !== null ? [`Proxy-Authorization: ${proxy.authorization}`] : [];
  const fields = question.headers.map(([name, value]) => (value === '' ? `${name}:` : `${name}: ${value}`));
  const hasHostFirst = question.headers[0]?.[0].toLowerCase() === 'host';
  lines.push(...fields.slice(0, hasHostFirst ? 1 : 0), ...login, ...fields.slice(hasHostFirst ? 1 : 0));
  const head = encoder.encode(`${lines.join('\r\n')}\r\n\r\n`);
  if (body === null) return [head];
  return isChunked(question) ? [head, ...chunked(body)] : [head, body];
}

/** The bytes that ask a proxy for a tunnel (RFC 9110 §9.3.6). */
export function composeConnect(hostname: string, port: number, proxy: Proxy, userAgent: string | null): Uint8Array {
  const authority = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (proxy.authorization !== null) lines.push(`Proxy-Authorization: ${proxy.authorization}`);
  if (userAgent !== null) lines.push(`User-Agent: ${userAgent}`);
  return encoder.encode(`${lines.join('\r\n')}\r\n\r\n`);
}
