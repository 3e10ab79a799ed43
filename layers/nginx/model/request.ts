import type { Exchange, Headers, Question } from '@why403/terms/request';
import { header } from '@why403/terms/request';
import type { ModelRequest } from './trace.ts';

/** Where a request meets the server, as far as it is known. */
export interface Meeting {
  /** The client's end when nothing was sent and `--from` doesn't say. */
  readonly client: string;
  /** The server's end. */
  readonly local: { readonly address: string; readonly port: number };
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What the server's verification of the client's certificate comes to; NONE without one. */
  readonly clientVerify: NonNullable<ModelRequest['tls']>['clientVerify'];
}

/** The question as nginx gets to see it. `--from` takes the place of the socket's other end. */
export function requestOf(question: Question, exchange: Exchange | null, meeting: Meeting): ModelRequest {
  const peer = question.from ?? exchange?.local.address ?? meeting.client;
  return {
    method: question.method,
    target: question.target,
    httpVersion: question.httpVersion,
    headers: withHost(question),
    peer: { address: peer, port: question.from === undefined ? (exchange?.local.port ?? null) : null },
    local: exchange?.remote ?? meeting.local,
    tls:
      question.scheme === 'https'
        ? { serverName: isAddress(question.hostname) ? null : question.hostname, clientVerify: meeting.clientVerify }
        : null,
    time: Math.floor((exchange?.sentAt ?? meeting.now) / 1000),
  };
}

/** RFC 9112 §3.2: a client sends Host as the authority of the URL, without the scheme's default port. */
function withHost(question: Question): Headers {
  if (header(question.headers, 'host') !== undefined) return question.headers;
  const host = question.hostname.includes(':') ? `[${question.hostname}]` : question.hostname;
  const usual = question.scheme === 'https' ? 443 : 80;
  return [['Host', question.port === usual ? host : `${host}:${question.port}`], ...question.headers];
}

/** RFC 6066 §3: an address is never sent as a server name. */
function isAddress(hostname: string): boolean {
  return hostname.includes(':') || /^\d+(?:\.\d+){3}$/.test(hostname);
}
