/** How nginx writes the characters of a value that could break the line (`escape=` of `log_format`). */
export type Escaping = 'default' | 'json' | 'none';

/** A `log_format`, ready to read lines that were written by it. */
export interface LogFormat {
  readonly name: string;
  readonly escaping: Escaping;
  /** The variables in the order they are written, without `$`. */
  readonly variables: readonly string[];
  /** Variables whose ends can't be told: nothing stands between them and the next. */
  readonly blurred: ReadonlySet<string>;
  /** How many lines one entry takes. */
  readonly height: number;
  readonly expression: RegExp;
}

export interface AccessEntry {
  /** Values as they were before escaping; a variable that was empty is the empty string. */
  readonly values: ReadonlyMap<string, string>;
  readonly text: string;
}

/** The predefined format (ngx_http_log_module). */
const COMBINED = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

/** What values of some variables look like, which tells them apart where literals don't. */
const SHAPES: ReadonlyMap<string, string> = new Map([
  ['status', '\\d{3}'],
  ['bytes_sent', '\\d+'],
  ['body_bytes_sent', '\\d+'],
  ['request_length', '\\d+'],
  ['request_time', '\\d+\\.\\d{3}'],
  ['msec', '\\d+\\.\\d{3}'],
  ['pipe', '[p.]'],
  ['connection', '\\d+'],
  ['connection_requests', '\\d+'],
  ['time_local', '\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}'],
  ['time_iso8601', '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d[+-]\\d\\d:\\d\\d'],
  ['remote_addr', '[0-9a-fA-F:.]+|unix:'],
  ['realip_remote_addr', '[0-9a-fA-F:.]+|unix:'],
  ['remote_port', '\\d+'],
  ['server_port', '\\d+'],
  ['request_method', '[A-Z_-]*'],
  ['request_id', '[0-9a-f]{32}'],
]);

/**
 * What an escaped value can hold (ngx_http_log_escape): by default quotes, backslashes, control characters
 * and bytes beyond ASCII are written as `\xHH`; JSON has its own; `none` writes anything.
 */
const VALUES: Readonly<Record<Escaping, string>> = {
  default: '(?:[^"\\\\\\n]|\\\\x[0-9A-Fa-f]{2})*?',
  json: '(?:[^"\\\\\\n]|\\\\.)*?',
  none: '[^]*?',
};

/** Compiles the strings of a `log_format` directive, which nginx puts together without a space. */
export function compileLogFormat(name: string, escaping: Escaping, strings: readonly string[]): LogFormat {
  const format = strings.join('');
  const variables: string[] = [];
  const blurred = new Set<string>();
  const source: string[] = [];
  let at = 0;
  let before: { readonly variable: string; readonly end: number } | null = null;
  for (const match of format.matchAll(/\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))/g)) {
    const variable = match[1] ?? match[2] ?? '';
    source.push(literal(format.slice(at, match.index)));
    // An empty value is written as a hyphen, except in JSON and unescaped.
    const shape = SHAPES.get(variable);
    source.push(shape === undefined ? `(${VALUES[escaping]})` : `(${shape}|-|)`);
    if (before !== null && before.end === match.index) {
      if (!SHAPES.has(before.variable)) blurred.add(before.variable);
      if (shape === undefined) blurred.add(variable);
    }
    variables.push(variable);
    at = match.index + match[0].length;
    before = { variable, end: at };
  }
  source.push(literal(format.slice(at)));
  const height = format.split('\n').length;
  return { name, escaping, variables, blurred, height, expression: new RegExp(`^${source.join('')}$`) };
}

/** Reads a `log_format` directive's arguments: the name, perhaps `escape=`, then the strings. */
export function logFormatFrom(args: readonly string[]): LogFormat | null {
  const [name, ...rest] = args;
  if (name === undefined) return null;
  const escape = /^escape=(.*)$/.exec(rest[0] ?? '')?.[1];
  if (escape === undefined) return compileLogFormat(name, 'default', rest);
  if (escape !== 'default' && escape !== 'json' && escape !== 'none') return null;
  return compileLogFormat(name, escape, rest.slice(1));
}

/** Reads entries of an access log; lines that the format could not have written are left out. */
export function parseAccessLog(format: LogFormat, text: string): readonly AccessEntry[] {
  const lines = text.split('\n');
  const entries: AccessEntry[] = [];
  for (let at = 0; at + format.height <= lines.length; ) {
    const entry = parseAccessEntry(format, lines.slice(at, at + format.height).join('\n'));
    if (entry !== null) entries.push(entry);
    at += entry === null ? 1 : format.height;
  }
  return entries;
}

export function parseAccessEntry(format: LogFormat, text: string): AccessEntry | null {
  const match = format.expression.exec(text);
  if (match === null) return null;
  const values = new Map<string, string>();
  for (const [index, variable] of format.variables.entries()) {
    if (format.blurred.has(variable) || values.has(variable)) continue;
    values.set(variable, unescapeValue(match[index + 1] ?? '', format.escaping));
  }
  return { values, text };
}

function unescapeValue(written: string, escaping: Escaping): string {
  switch (escaping) {
    case 'none':
      return written;
    case 'json':
      return unescapeJson(written);
    case 'default':
      return written === '-' ? '' : decodeBytes(written);
  }
}

function unescapeJson(written: string): string {
  try {
    const value: unknown = JSON.parse(`"${written}"`);
    return typeof value === 'string' ? value : written;
  } catch {
    return written; // bytes that JSON doesn't allow, which nginx passes on
  }
}

/** `\xHH` stand for bytes, several of which may be one UTF-8 character. */
function decodeBytes(written: string): string {
  return written.replace(/(?:\\x[0-9A-Fa-f]{2})+/g, (run) => {
    const bytes = Uint8Array.from(run.match(/[0-9A-Fa-f]{2}/g) ?? [], (pair) => Number.parseInt(pair, 16));
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      return String.fromCharCode(...bytes); // not UTF-8: byte by byte
    }
  });
}

/** What an access log is written in when nothing else is told. */
export const combined: LogFormat = compileLogFormat('combined', 'default', [COMBINED]);

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&').replaceAll('\n', '\\n');
}
