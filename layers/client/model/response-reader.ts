import type { Headers } from '@why403/terms/request';
import type { Malformation } from './failure.ts';

/** The final answer's head. */
export interface Head {
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
}

export type Reading =
  | { readonly state: 'head' }
  | { readonly state: 'body' }
  | { readonly state: 'done' }
  | { readonly state: 'malformed'; readonly what: Malformation };

/** Reads one HTTP/1 answer from bytes as they come. Keeps a bounded part of them, whatever the server sends. */
export interface ResponseReader {
  push(bytes: Uint8Array): Reading;
  /** The connection ended. */
  end(): Reading;
  readonly head: () => Head | null;
  /** What was kept of the body as sent: framing removed, still compressed. */
  readonly body: () => Uint8Array;
}

const LARGEST_HEAD = 256 * 1024;
const KEPT_BODY = 64 * 1024;
const MOST_INTERIM = 32;
const LF = 0x0a;
const CR = 0x0d;

function latin1(bytes: Uint8Array): string {
  let text = '';
  // in pieces: the argument list of one call is bounded
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

function parseFields(lines: readonly string[]): Headers | null {
  const fields: (readonly [string, string])[] = [];
  for (const line of lines) {
    const last = fields.at(-1);
    if (/^[ \t]/.test(line)) {
      // RFC 9112 §5.2: a folded line continues the one before
      if (last === undefined) return null;
      fields[fields.length - 1] = [last[0], `${last[1]} ${line.trim()}`.trim()];
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1 || line.includes('\0')) return null;
    fields.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return fields;
}

function parseHead(text: string): Head | Malformation {
  const [first = '', ...lines] = text.split(/\r?\n/);
  const match = /^HTTP\/\d(?:\.\d)? +(\d{3})(?: (.*))?$/.exec(first);
  if (match?.[1] === undefined || Number(match[1]) < 100) return 'status-line';
  const headers = parseFields(lines);
  return headers === null ? 'field-line' : { status: Number(match[1]), reason: (match[2] ?? '').trim(), headers };
}

type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' };

/** RFC 9112 §6.3. */
function framingOf(method: string, head: Head): Framing | Malformation {
  if (method === 'HEAD' || head.status === 204 || head.status === 304 || head.status === 101) return { kind: 'none' };
  const all = (name: string): readonly string[] => head.headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
  const codings = all('transfer-encoding').join(',').toLowerCase();
  if (codings !== '') return /(?:^|,)\s*chunked\s*$/.test(codings) ? { kind: 'chunked' } : { kind: 'until-close' };
  const lengths = new Set(all('content-length').flatMap((value) => value.split(',').map((part) => part.trim())));
  if (lengths.size === 0) return { kind: 'until-close' };
  const [length = ''] = lengths;
  return lengths.size === 1 && /^\d{1,15}$/.test(length) ? { kind: 'length', length: Number(length) } : 'content-length';
}

interface BodyReader {
  /** Takes bytes; true once the body is complete or can't be read further. */
  push(bytes: Uint8Array): boolean;
}

type Keep = (bytes: Uint8Array) => boolean;

function readLength(length: number, keep: Keep): BodyReader {
  let left = length;
  return {
    push(bytes) {
      const isFull = keep(bytes.subarray(0, left));
      left -= Math.min(left, bytes.length);
      return isFull || left === 0;
    },
  };
}

/** Chunk sizes, extensions dropped, trailers ignored. A broken size ends the body: the status is known by then. */
function readChunks(keep: Keep): BodyReader {
  let line = '';
  let left = 0;
  let isInData = false;
  return {
    push(bytes) {
      let at = 0;
      while (at < bytes.length) {
        if (isInData) {
          const piece = bytes.subarray(at, at + left);
          at += piece.length;
          left -= piece.length;
          if (keep(piece)) return true;
          if (left === 0) isInData = false;
          continue;
        }
        const byte = bytes[at] ?? 0;
        at += 1;
        if (byte !== LF) {
          if (byte !== CR) line += String.fromCharCode(byte);
          if (line.length > 1024) return true;
          continue;
        }
        const size = /^\s*([0-9a-fA-F]{1,12})\s*(?:;.*)?$/.exec(line)?.[1];
        // the line end behind a chunk's data
        if (size === undefined && line !== '') return true;
        line = '';
        if (size === undefined) continue;
        left = Number.parseInt(size, 16);
        if (left === 0) return true;
        isInData = true;
      }
      return false;
    },
  };
}

/** A reader for the answer to a request with `method`. */
export function createResponseReader(method: string): ResponseReader {
  let reading: Reading = { state: 'head' };
  let head: Head | null = null;
  const pending = createBuffer();
  // where the search for the head's end goes on: a slow server may send byte by byte
  let searched = 0;
  let headBytes = 0;
  let interim = 0;
  let body: BodyReader | null = null;
  const kept: Uint8Array[] = [];
  let keptLength = 0;

  const keep: Keep = (bytes) => {
    const piece = bytes.slice(0, KEPT_BODY - keptLength);
    kept.push(piece);
    keptLength += piece.length;
    return keptLength >= KEPT_BODY;
  };
  const fail = (what: Malformation): Reading => ({ state: 'malformed', what });

  function startBody(final: Head, rest: Uint8Array): Reading {
    const framing = framingOf(method, final);
    if (typeof framing === 'string') return fail(framing);
    head = final;
    if (framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0)) return { state: 'done' };
    body =
      framing.kind === 'chunked'
        ? readChunks(keep)
        : readLength(framing.kind === 'length' ? framing.length : Number.MAX_SAFE_INTEGER, keep);
    return body.push(rest) ? { state: 'done' } : { state: 'body' };
  }

  function takeHead(bytes: Uint8Array): Reading {
    pending.append(bytes);
    headBytes += bytes.length;
    for (;;) {
      const all = pending.bytes();
      if (!startsLikeHttp(all)) return fail('not-http');
      const end = findHeadEnd(all, searched);
      if (end === null) {
        searched = Math.max(0, all.length - 2);
        return headBytes > LARGEST_HEAD ? fail('head-too-large') : { state: 'head' };
      }
      const parsed = parseHead(latin1(all.subarray(0, end.at)));
      if (typeof parsed === 'string') return fail(parsed);
      const rest = all.slice(end.next);
      if (parsed.status >= 200 || parsed.status === 101) return startBody(parsed, rest);
      interim += 1;
      if (interim > MOST_INTERIM) return fail('too-many-interim');
      pending.replace(rest);
      searched = 0;
    }
  }

  return {
    push(bytes) {
      if (reading.state === 'head') reading = takeHead(bytes);
      else if (reading.state === 'body' && body?.push(bytes) === true) reading = { state: 'done' };
      return reading;
    },
    end() {
      if (reading.state === 'body') reading = { state: 'done' };
      else if (reading.state === 'head' && pending.bytes().length > 0) reading = fail('cut-short');
      return reading;
    },
    head: () => head,
    body: () => {
      const all = new Uint8Array(keptLength);
      let at = 0;
      for (const piece of kept) {
        all.set(piece, at);
        at += piece.length;
      }
      return all;
    },
  };
}

function startsLikeHttp(bytes: Uint8Array): boolean {
  return 'HTTP/'.startsWith(latin1(bytes.subarray(0, 5)));
}

interface GrowingBuffer {
  append(bytes: Uint8Array): void;
  replace(bytes: Uint8Array): void;
  bytes(): Uint8Array;
}

/** Grows by doubling, so that many small pieces cost no more than their sum. */
function createBuffer(): GrowingBuffer {
  let space = new Uint8Array(4096);
  let length = 0;
  return {
    append(bytes) {
      if (length + bytes.length > space.length) {
        const larger = new Uint8Array(Math.max(space.length * 2, length + bytes.length));
        larger.set(space.subarray(0, length));
        space = larger;
      }
      space.set(bytes, length);
      length += bytes.length;
    },
    replace(bytes) {
      space.set(bytes);
      length = bytes.length;
    },
    bytes: () => space.subarray(0, length),
  };
}

/** The empty line that ends a head, looked for from `from` on; lines may end in LF alone (RFC 9112 §2.2). */
function findHeadEnd(bytes: Uint8Array, from: number): { readonly at: number; readonly next: number } | null {
  for (let at = bytes.indexOf(LF, from); at !== -1; at = bytes.indexOf(LF, at + 1)) {
    const next = bytes[at + 1];
    const end = bytes[at - 1] === CR ? at - 1 : at;
    if (next === LF) return { at: end, next: at + 2 };
    if (next === CR && bytes[at + 2] === LF) return { at: end, next: at + 3 };
  }
  return null;
}
