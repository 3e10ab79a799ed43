import type { Headers } from '@why403/terms/request';
import type { Redactor } from './index.ts';
import { isSecretHeader, isSecretName } from './secrets.ts';

/** Shorter values are found in any text by chance: hiding them would hide the text and protect nothing. */
const SHORTEST = 4;
/** From this length on a value is also hidden where it is a part of a longer word. */
const DISTINCT = 12;
/** What secret-named settings say without being a secret. */
const WORDS =
  /^(?:on|off|yes|no|true|false|none|null|default|required|optional|valid|invalid|allow|deny|allowed|denied|basic|bearer|digest|negotiate|token|secret|password|private|public|anonymous|https?|\d{1,5}|[\d.:]+)$/i;
const MARKED = /(\[redacted:[a-z0-9-]+:[0-9+-]+:[0-9a-f]+\])/;

/**
 * A redactor that, beside what `redactor` finds by name and shape, hides these very values wherever they
 * stand: in a log of a format that nobody foresaw, in a path, in a sentence that quotes them.
 */
export function withKnown(redactor: Redactor, values: readonly string[]): Redactor {
  const distinct = [...new Set(values.map((value) => value.trim()))].filter((value) => value.length >= SHORTEST && !WORDS.test(value));
  if (distinct.length === 0) return redactor;
  const longestFirst = distinct.toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(patternOf).join('|'), 'gu');
  const hide = (text: string): string =>
    text
      .split(MARKED)
      .map((part, index) => (index % 2 === 1 ? part : part.replace(pattern, (value) => redactor.secret('known', value))))
      .join('');
  const header = (name: string, value: string): string => hide(redactor.header(name, value));
  return {
    secret: (kind, value) => redactor.secret(kind, value),
    header,
    headers: (headers) => headers.map(([name, value]) => [name, header(name, value)] as const),
    target: (target) => hide(redactor.target(target)),
    text: (text) => hide(redactor.text(text)),
  };
}

function patternOf(value: string): string {
  const escaped = value.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return value.length >= DISTINCT ? escaped : `(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`;
}

/** The secrets that a request itself carries, in every form in which a server may repeat them. */
export function secretsOfRequest(headers: Headers, target: string): readonly string[] {
  return [...headers.flatMap(([name, value]) => (isSecretHeader(name) ? fromHeader(name.toLowerCase(), value) : [])), ...fromQuery(target)];
}

function fromHeader(name: string, value: string): readonly string[] {
  if (name === 'cookie') {
    return value.split(';').flatMap((pair) => {
      const [, content] = /^\s*[^=]*=(.*)$/s.exec(pair) ?? [];
      return bigEnough(content ?? pair);
    });
  }
  // RFC 9110 §11.4: the scheme is no secret.
  const credentials = name.endsWith('authorization') ? value.replace(/^\s*[A-Za-z][A-Za-z0-9-]{0,40} +(?=\S)/, '') : value;
  return [credentials, ...passwordIn(value)].flatMap(bigEnough);
}

/** RFC 7617: base64 of `user:password`. */
function passwordIn(value: string): readonly string[] {
  const [, encoded] = /^\s*basic +(\S+)/i.exec(value) ?? [];
  if (encoded === undefined) return [];
  try {
    const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
    const [, password] = /^[^:]*:(.*)$/s.exec(new TextDecoder().decode(bytes)) ?? [];
    return password === undefined ? [] : [password];
  } catch {
    return [];
  }
}

function fromQuery(target: string): readonly string[] {
  const query = target.slice(target.indexOf('?') + 1);
  if (query === target) return [];
  return query.split(/[&;]/).flatMap((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 0 || !isSecretName(decode(pair.slice(0, equals)))) return [];
    const value = pair.slice(equals + 1);
    return [value, decode(value)].flatMap(bigEnough);
  });
}

/** Cookies and parameters are also `theme=dark`: an ordinary word is not hidden wherever it stands. */
function bigEnough(value: string): readonly string[] {
  return value.length >= 16 || (value.length >= 6 && !/^[a-z]+$/.test(value)) ? [value] : [];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
