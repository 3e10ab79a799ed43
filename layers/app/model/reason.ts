import { header, type Headers } from '@why403/terms/request';

/** Why an application says that it refused, in its own words. */
export interface Reason {
  readonly words: string;
  /** Where they stood: `WWW-Authenticate`, `"message" in the body`. */
  readonly where: string;
  /** The line that holds them, for quoting. */
  readonly text: string;
}

/** Members of JSON error bodies that hold words for people, the more telling first (RFC 9457 has detail and title). */
const MEMBERS = ['detail', 'error_description', 'message', 'reason', 'error', 'title', 'description', 'msg'] as const;

/** Said by every refusal: a status and no reason. */
const STATUS_WORDS =
  /^(?:(?:error|http|status)[\s:/.0-9]*)?(?:[45]\d\d)?[\s:,\u2013-]*(?:forbidden|access(?: is)? denied|unauthori[sz]ed|permission denied|denied|error|not allowed)?[\s:,\u2013-]*(?:[45]\d\d)?[.!]?$/i;

const LONGEST = 300;

/** The reason that a challenge, a JSON member or a page's own words give; null when they only repeat the status. */
export function reasonOf(headers: Headers, excerpt: string | null): Reason | null {
  return challenge(headers) ?? (excerpt === null ? null : (inJson(excerpt) ?? inPage(headers, excerpt)));
}

/** RFC 6750 §3: `error` and `error_description`; a bare challenge asks for credentials and gives no reason. */
function challenge(headers: Headers): Reason | null {
  const value = header(headers, 'www-authenticate');
  if (value === undefined) return null;
  const [, described] = /\berror_description\s*=\s*"((?:[^"\\]|\\.)*)"/i.exec(value) ?? [];
  const [, code] = /\berror\s*=\s*"?([\w.-]+)"?/i.exec(value) ?? [];
  const words = described ?? code;
  return words === undefined ? null : reason(words, 'WWW-Authenticate', `WWW-Authenticate: ${value}`);
}

function inJson(excerpt: string): Reason | null {
  if (!/^\s*[{[]/.test(excerpt)) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(excerpt);
  } catch {
    // A body that was cut off is no reason to guess at its members.
    return null;
  }
  return inMembers(parsed, 0);
}

/** `{"error": {"message": …}}` and `{"errors": [{"detail": …}]}` are as usual as flat ones. */
function inMembers(value: unknown, depth: number): Reason | null {
  if (depth > 2 || typeof value !== 'object' || value === null) return null;
  if (Array.isArray(value)) return inMembers(value[0], depth + 1);
  const members = new Map(Object.entries(value));
  for (const name of MEMBERS) {
    const words = members.get(name);
    const found = typeof words === 'string' ? reason(words, `"${name}" in the body`, `"${name}": ${JSON.stringify(words)}`) : null;
    if (found !== null) return found;
  }
  return inMembers(members.get('error') ?? members.get('errors'), depth + 1);
}

/** A page's heading or title, or a short plain text. */
function inPage(headers: Headers, excerpt: string): Reason | null {
  const type = header(headers, 'content-type') ?? '';
  if (/[{[]/.test(excerpt.trimStart().charAt(0)) || /\b(?:json|xml)\b/i.test(type)) return null;
  if (!/<(?:!doctype|html|head|body|h1|title)\b/i.test(excerpt)) return reason(excerpt, 'the body', excerpt);
  for (const tag of ['h1', 'title', 'p']) {
    const [, inner = ''] = new RegExp(`<${tag}\\b[^>]*>([^]*?)</${tag}>`, 'i').exec(excerpt) ?? [];
    const found = reason(inner.replace(/<[^>]*>/g, ' '), `<${tag}> of the page`, inner);
    if (found !== null) return found;
  }
  return null;
}

function reason(words: string, where: string, text: string): Reason | null {
  const tidy = words.replace(/\s+/g, ' ').trim();
  if (tidy === '' || tidy.length > LONGEST || STATUS_WORDS.test(tidy)) return null;
  return { words: tidy, where, text: text.replace(/\s+/g, ' ').trim() };
}
