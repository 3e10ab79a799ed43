import { isSecretName, SECRET_SHAPES } from './secrets.ts';

/** Puts the mark of one secret in its place. */
export type Mark = (kind: string, value: string) => string;

/** What a mark looks like inside a longer text; such spans are left alone by everything below. */
const MARKED = /(\[redacted:[a-z0-9-]+:[0-9+-]+:[0-9a-f]+\])/;

/** Applies `change` to the stretches of text between marks. */
function between(text: string, change: (stretch: string) => string): string {
  return text
    .split(MARKED)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join('');
}

/** The value of a field known to be secret; schemes, cookie names and cookie attributes stay readable. */
export function redactHeaderValue(name: string, value: string, mark: Mark): string {
  const lower = name.toLowerCase();
  if (lower === 'set-cookie') return redactSetCookie(value, mark);
  if (lower === 'cookie')
    return value
      .split(';')
      .map((pair) => redactCookie(pair, mark))
      .join(';');
  // RFC 9110 §11.4: a scheme, one space, then token68 or parameters
  const scheme = lower.endsWith('authorization') ? /^(\s*[A-Za-z][A-Za-z0-9-]{0,40} +)(\S.*)$/s.exec(value) : null;
  if (scheme?.[1] !== undefined && scheme[2] !== undefined) return `${scheme[1]}${mark(scheme[1].trim().toLowerCase(), scheme[2])}`;
  return mark(lower.endsWith('authorization') ? 'authorization' : 'secret', value);
}

function redactCookie(pair: string, mark: Mark): string {
  const equals = pair.indexOf('=');
  if (equals === -1) return pair.trim() === '' ? pair : pair.replace(pair.trim(), () => mark('cookie', pair.trim()));
  return `${pair.slice(0, equals + 1)}${mark('cookie', pair.slice(equals + 1))}`;
}

function redactSetCookie(value: string, mark: Mark): string {
  const end = value.indexOf(';');
  return end === -1 ? redactCookie(value, mark) : redactCookie(value.slice(0, end), mark) + value.slice(end);
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name;
  }
}

/** Spans lines, so it goes before everything that looks at one line. */
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g;

/** Headers written out in logs, dumps and configuration: `Authorization: …`, `proxy_set_header Authorization "…"`. */
// the lookbehind: a mark's own kind is no field name
const FIELD_LINE =
  /(?<!\[redacted:)\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key|api-key|x-auth-token|x-amz-security-token|private-token)(["']?\s*[:=]\s*["']?)([^\r\n"']+)/gi;
const FIELD_DIRECTIVE =
  /\b((?:[a-z]+_(?:set_header|param|pass_header))|(?:Request)?Header(?:\s+always)?\s+(?:set|add|append|merge|setifempty))(\s+["']?)([A-Za-z0-9_-]{1,80})(["']?\s+["']?)([^\s"';]+(?: [^\s"';]+)?)/g;
const USERINFO = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)([^\s/?#"'<>@]{1,1024})@/gi;
const PARAMETER = /(^|[?&;,\s"'{(])([A-Za-z0-9_.%[\]-]{1,80})=([^&;\s"'<>)}]+)/g;
const JSON_MEMBER = /(["'])([A-Za-z0-9_.-]{1,80})\1(\s*:\s*)"((?:[^"\\]|\\.)*)"/g;
const BEARER = /\b(Bearer|Token)( +)([A-Za-z0-9._~+/-]{8,}=*)/gi;
const BASIC = /\b(Basic)( +)([A-Za-z0-9+/]{4,}={0,2})/gi;
/** `code=403` is a status and not an OAuth code. */
const STATUS = /^\d{1,3}[,.]?$/;
const FIELD_NAMES_SECRET = /authorization|cookie|key|token|secret|password/i;

/** Whether text is base64 of `user:password`: the word after "Basic" in prose is not. */
function isBasic(text: string): boolean {
  try {
    return atob(text).includes(':');
  } catch {
    return false;
  }
}

/** Secrets in free text: fields, userinfo of URLs, parameters and members with secret names, and secrets by shape. */
export function redactText(text: string, mark: Mark): string {
  const passes: readonly ((stretch: string) => string)[] = [
    (stretch) =>
      stretch.replace(FIELD_DIRECTIVE, (whole, directive: string, open: string, name: string, gap: string, value: string) =>
        // a value made of variables is no secret
        FIELD_NAMES_SECRET.test(name) && !value.startsWith('$') && !value.startsWith('%{')
          ? `${directive}${open}${name}${gap}${redactHeaderValue(name, value, mark)}`
          : whole,
      ),
    (stretch) => stretch.replace(USERINFO, (_, scheme: string, user: string) => `${scheme}${mark('userinfo', user)}@`),
    (stretch) =>
      stretch.replace(BASIC, (whole, scheme: string, gap: string, value: string) =>
        isBasic(value) ? `${scheme}${gap}${mark('basic', value)}` : whole,
      ),
    (stretch) =>
      stretch.replace(BEARER, (whole, scheme: string, gap: string, value: string) =>
        isTokenLike(value) ? `${scheme}${gap}${mark('bearer', value)}` : whole,
      ),
    (stretch) =>
      stretch.replace(JSON_MEMBER, (whole, quote: string, name: string, gap: string, value: string) =>
        isSecretName(name) ? `${quote}${name}${quote}${gap}"${mark('secret', value)}"` : whole,
      ),
    (stretch) =>
      stretch.replace(PARAMETER, (whole, before: string, name: string, value: string) =>
        isSecretName(decodeName(name)) && !value.startsWith('$') && !STATUS.test(value)
          ? `${before}${name}=${mark('parameter', value)}`
          : whole,
      ),
    ...SECRET_SHAPES.map((shape) => (stretch: string) => stretch.replace(shape.pattern, (value) => mark(shape.kind, value))),
  ];
  // A field's value reaches to the end of its line, over marks that are already there: those are kept by `mark`.
  const fields = text
    .replace(PRIVATE_KEY, (value) => mark('private-key', value))
    .replace(FIELD_LINE, (_, name: string, gap: string, value: string) => `${name}${gap}${redactHeaderValue(name, value, mark)}`);
  return passes.reduce((current, pass) => between(current, pass), fields);
}

/** Whether what follows "Bearer" or "Token" is a credential and not the next word of a sentence. */
function isTokenLike(value: string): boolean {
  return value.length >= 20 || /[0-9._~+/=-]/.test(value);
}
