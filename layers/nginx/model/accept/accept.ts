import { header, type Headers } from '@why403/terms/request';
import type { ModelRequest } from '../trace.ts';
import type { Server } from '../server/compile.ts';
import type { Buffers } from './buffers.ts';
import { validateHost } from './host.ts';
import { readTarget, type Target } from './target.ts';

/** A request nginx turns away before any server's rules: the status and its reason. */
export interface Malformed {
  readonly status: number;
  readonly why: string;
}

const METHOD = /^[A-Z_-]+$/;
const HEADER_NAME = /^[A-Za-z0-9-]+$/;
const HEADER_NAME_UNDERSCORES = /^[A-Za-z0-9_-]+$/;
const BROKEN_NAME = /[\u0000-\u0020\u007f:]/;

/** A request line that nginx can't take, and what it knows of it by then. */
export interface BadLine extends Malformed {
  /** Whether the method was already noted for `$request_method`. */
  readonly knowsMethod: boolean;
}

/** The request line, read with the settings of the address' server. */
export function readRequestLine(request: ModelRequest, first: Server, buffers: Buffers): { readonly target: Target } | BadLine {
  const { parsing } = first;
  if (!METHOD.test(request.method)) return { status: 400, why: 'the method is not made of capital letters', knowsMethod: false };
  const length = request.method.length + request.target.length + '  HTTP/1.1\r\n'.length;
  if (request.httpVersion !== '2' && !buffers.take(length, parsing.buffers)) {
    return { status: 414, why: 'the request line is longer than large_client_header_buffers', knowsMethod: false };
  }
  const read = readTarget(request.target, parsing.isMergingSlashes);
  return read.state === 'invalid' ? { status: 400, why: read.why, knowsMethod: read.isParsed } : { target: read.target };
}

/** Header fields up to the one that ends the request, or all of them. */
export interface Fields {
  readonly kept: Headers;
  readonly failure: Malformed | null;
}

/**
 * Header fields as nginx takes them, one after another: odd names are dropped unless told otherwise, and once
 * Host was read, its server's settings count. `serverOf` tells the server of a host.
 */
export function readHeaders(request: ModelRequest, first: Server, buffers: Buffers, serverOf: (host: string) => Server): Fields {
  const kept: [string, string][] = [];
  const seen = new Set<string>();
  let { parsing } = first;
  const fail = (status: number, why: string): Fields => ({ kept, failure: { status, why } });
  for (const [name, value] of request.headers) {
    if (name === '' || BROKEN_NAME.test(name) || value.includes('\u0000')) return fail(400, 'a header field is malformed');
    if (request.httpVersion !== '2' && !buffers.take(name.length + value.length + ': \r\n'.length, parsing.buffers))
      return fail(494, `the header field ${name} is longer than large_client_header_buffers`);
    const fit = parsing.hasUnderscores ? HEADER_NAME_UNDERSCORES : HEADER_NAME;
    if (parsing.isIgnoringInvalidHeaders && !fit.test(name)) continue;
    const lower = name.toLowerCase();
    if (seen.has(lower) && UNIQUE.has(lower)) return fail(400, `the header field ${lower} is sent twice`);
    seen.add(lower);
    if (lower === 'host') {
      const host = validateHost(value);
      if (host === null) return fail(400, 'the Host is malformed');
      ({ parsing } = serverOf(host));
    }
    kept.push([name, value]);
  }
  return { kept, failure: null };
}

/** The header fields that nginx takes only once (ngx_http_process_unique_header_line, 1.22). */
const UNIQUE: ReadonlySet<string> = new Set([
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'if-match',
  'if-none-match',
  'content-length',
  'content-range',
  'if-range',
  'transfer-encoding',
  'expect',
  'authorization',
]);

/** The checks that follow the header fields (ngx_http_process_request_header). */
export function judgeHeaders(request: ModelRequest, headers: Headers, target: Target): Malformed | null {
  const host = header(headers, 'host');
  if (host === undefined && request.httpVersion !== '1.0' && !(request.httpVersion === '2' && target.host !== null)) {
    return { status: 400, why: 'the request has no Host' };
  }
  return judgeBody(request, headers) ?? judgeMethod(request.method);
}

function judgeBody(request: ModelRequest, headers: Headers): Malformed | null {
  const length = header(headers, 'content-length');
  if (length !== undefined && !/^\d+$/.test(length)) return { status: 400, why: 'Content-Length is not a number' };
  const encoding = header(headers, 'transfer-encoding');
  if (encoding === undefined) return null;
  if (request.httpVersion === '1.0') return { status: 400, why: 'HTTP/1.0 has no Transfer-Encoding' };
  if (encoding.toLowerCase() !== 'chunked') return { status: 501, why: `Transfer-Encoding ${encoding} is unknown` };
  return length === undefined ? null : { status: 400, why: 'Content-Length and Transfer-Encoding are sent together' };
}

function judgeMethod(method: string): Malformed | null {
  return method === 'CONNECT' || method === 'TRACE' ? { status: 405, why: `nginx never takes ${method}` } : null;
}
