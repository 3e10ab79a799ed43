import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Answered, Walk } from '../../model/trace.ts';
import type { RequestSpec } from '../generate/requests.ts';
import type { Answer } from '../wire.ts';

export type Agreement =
  | { readonly state: 'agreed' }
  | { readonly state: 'undetermined'; readonly missing: readonly string[] }
  | { readonly state: 'disagreed'; readonly over: 'status' | 'body' | 'location' | 'source' | 'crash'; readonly says: string };

const AGREED: Agreement = { state: 'agreed' };
/** What nginx's own pages end with, `server_tokens` on or off. */
const BUILT_IN = /<hr><center>nginx[^<]*<\/center>/;

/** Holds the model's answer against the real one: the status, and where the answer came from. */
export function agreement(walk: Walk, request: RequestSpec, real: Answer | null): Agreement {
  if (walk.answer.state === 'undetermined') return { state: 'undetermined', missing: walk.answer.missing };
  const said = walk.answer;
  // `return 444` and its like close the connection; the model tells them by their own status.
  const status = real?.status ?? 444;
  if (said.status !== status)
    return {
      state: 'disagreed',
      over: 'status',
      says: `the model says ${said.status} (${said.source}), nginx answers ${real === null ? 'nothing' : status}`,
    };
  // No body: RFC 9110 has none here.
  return real === null || request.method === 'HEAD' || status === 304 ? AGREED : agreementOnSource(said, real);
}

function agreementOnSource(said: Answered, real: Answer): Agreement {
  switch (said.source) {
    case 'file':
      return fileAgreement(said, real);
    case 'redirect':
      return redirectAgreement(said, real);
    case 'listing':
      return /^<html>\r\n<head><title>Index of |^\[|^<\?xml version="1.0"\?>/.test(real.body)
        ? AGREED
        : { state: 'disagreed', over: 'body', says: `the model says a listing, nginx sends ${excerpt(real.body)}` };
    case 'upstream':
      return real.body === '' || real.body === 'behind' || BUILT_IN.test(real.body)
        ? AGREED
        : { state: 'disagreed', over: 'body', says: `the model says an upstream answers, nginx sends ${excerpt(real.body)}` };
    case 'error':
      return real.body === '' || BUILT_IN.test(real.body)
        ? AGREED
        : { state: 'disagreed', over: 'source', says: `the model says nginx's own page, nginx sends ${excerpt(real.body)}` };
    case 'return':
    case 'closed':
      return real.body.startsWith('this is ')
        ? { state: 'disagreed', over: 'source', says: `the model says ${said.source}, nginx sends a file: ${excerpt(real.body)}` }
        : AGREED;
  }
}

function fileAgreement(said: Answered, real: Answer): Agreement {
  if (said.what === null) return AGREED;
  let bytes: Buffer;
  try {
    bytes = readFileSync(said.what);
  } catch {
    return { state: 'disagreed', over: 'body', says: `the model says ${said.what} is served, which can't be read` };
  }
  const served = [bytes, ...(said.what.endsWith('.gz') ? [gunzipSync(bytes)] : [])].map((text) => text.toString('latin1'));
  // A range is a part of the file.
  const isServed =
    real.status === 206
      ? served.some((text) => text.includes(real.body)) || real.body.includes('Content-Range')
      : served.includes(real.body);
  return isServed
    ? AGREED
    : { state: 'disagreed', over: 'body', says: `the model says ${said.what} is served, nginx sends ${excerpt(real.body)}` };
}

/** nginx completes a local Location with scheme, host and port; the model may give it either way. */
function redirectAgreement(said: Answered, real: Answer): Agreement {
  const location = real.headers.find(([name]) => name.toLowerCase() === 'location')?.[1];
  if (said.what === null) return AGREED;
  if (
    location === said.what ||
    (location !== undefined && said.what.startsWith('/') && location.replace(/^https?:\/\/(?:unix:.*\.sock|[^/]*)/, '') === said.what)
  )
    return AGREED;
  return { state: 'disagreed', over: 'location', says: `the model says it redirects to ${said.what}, nginx to ${location ?? 'nowhere'}` };
}

const excerpt = (body: string): string => JSON.stringify(body.slice(0, 80));
