import { header, type Headers } from '@why403/terms/request';

/** Enough for an error page's words; the reason stands near the start. */
const MOST = 4000;

const TEXTUAL = /^(?:text\/|application\/(?:[a-z0-9.+-]*\+)?(?:json|xml|problem)\b)/i;

/**
 * The beginning of a body as text, before redaction; null for none, or for one that is no text. `body` holds
 * bytes as latin1.
 */
export function excerptOf(headers: Headers, body: string): string | null {
  const type = header(headers, 'content-type');
  if (body === '' || (type !== undefined && !TEXTUAL.test(type.trim()))) return null;
  const bytes = Uint8Array.from(body.slice(0, MOST), (char) => char.charCodeAt(0) & 255);
  // A character cut off at the end is dropped; bytes that are no UTF-8 stay as latin1.
  const text = new TextDecoder('utf-8').decode(bytes, { stream: true });
  return text.includes('\ufffd') ? body.slice(0, MOST) : text;
}
