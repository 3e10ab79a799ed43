/** nginx's levels, gravest first. */
export const LEVELS = ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug'] as const;
export type Level = (typeof LEVELS)[number];

/** One entry of an error log. Texts are as written: they may hold anything a client sent. */
export interface ErrorEntry {
  /** Seconds since the epoch if the server's clock were set to UTC: the log doesn't tell its time zone. */
  readonly clock: number;
  /** As written: `2026/11/22 02:15:07`. */
  readonly time: string;
  readonly level: Level;
  readonly pid: number;
  /** The number behind `*`, the same for every request of a connection; null outside of connections. */
  readonly connection: string | null;
  /** What happened, without the fields behind it. */
  readonly message: string;
  /** The last system error in the message. */
  readonly errno: { readonly number: number; readonly says: string } | null;
  readonly client: string | null;
  readonly server: string | null;
  /** The request line. */
  readonly request: string | null;
  readonly subrequest: string | null;
  readonly upstream: string | null;
  readonly host: string | null;
  readonly referrer: string | null;
  /**
   * Whether the fields could be read in more than one way. nginx writes what clients send without escaping
   * it, so that a path or a referrer can imitate fields.
   */
  readonly isAmbiguous: boolean;
  /** The whole entry as written, without its last newline. */
  readonly text: string;
}

/** ngx_log_error_core and ngx_http_log_error_handler write this, the fields always in this order. */
const HEAD = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d) \[([a-z]+)\] (\d+)#\d+: (?:\*(\d+) )?/;
const FIELDS = ['client', 'server', 'request', 'subrequest', 'upstream', 'host', 'referrer'] as const;
type Field = (typeof FIELDS)[number];
/** Entries of an error log's text. Lines without a time belong to the entry before: a path may hold a newline. */
export function parseErrorLog(text: string): readonly ErrorEntry[] {
  const entries: string[] = [];
  for (const line of text.split('\n')) {
    const last = entries.at(-1);
    if (HEAD.test(line)) entries.push(line);
    else if (last !== undefined && line !== '' && goesOn(last, line)) entries[entries.length - 1] = `${last}\n${line}`;
  }
  return entries.map(parseErrorEntry).filter((entry) => entry !== null);
}

/**
 * NGX_MAX_ERROR_STR bounds an entry. Only its message can hold a newline, not the fields behind it, so that
 * nothing foreign in a log becomes a part of an entry that has its fields.
 */
const LONGEST = 2048;

function goesOn(entry: string, line: string): boolean {
  return entry.length + line.length < LONGEST && !(entry.includes(marker('client')) && entry.endsWith('"'));
}

/** One entry, or null when the text isn't one. */
export function parseErrorEntry(text: string): ErrorEntry | null {
  const head = HEAD.exec(text);
  if (head === null) return null;
  const [whole, year, month, day, hour, minute, second, level, pid, connection] = head;
  const rest = text.slice(whole.length);
  const at = rest.indexOf(', client: ');
  const message = at < 0 ? rest : rest.slice(0, at);
  const fields = at < 0 ? NO_FIELDS : splitFields(rest.slice(at));
  return {
    clock: Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) / 1000,
    time: whole.slice(0, 19),
    level: isLevel(level) ? level : 'error',
    pid: Number(pid),
    connection: connection ?? null,
    message,
    errno: lastErrno(message),
    ...fields,
    isAmbiguous: FIELDS.some((field) => rest.indexOf(marker(field)) !== rest.lastIndexOf(marker(field))) || text.includes('\n'),
    text,
  };
}

const NO_FIELDS: Readonly<Record<Field, null>> = {
  client: null,
  server: null,
  request: null,
  subrequest: null,
  upstream: null,
  host: null,
  referrer: null,
};

/** Each field runs to the first mark of the next that is there. Linear in the text, whatever a client put into it. */
function splitFields(tail: string): Readonly<Record<Field, string | null>> {
  const fields: Record<Field, string | null> = { ...NO_FIELDS };
  let open: { readonly field: Field; readonly start: number } | null = null;
  for (const field of FIELDS) {
    const at = tail.indexOf(
      `${open !== null && isQuoted(open.field) ? '"' : ''}${marker(field)}${isQuoted(field) ? '"' : ''}`,
      open?.start ?? 0,
    );
    if (at < 0) continue;
    if (open !== null) fields[open.field] = tail.slice(open.start, at);
    const mark = tail.indexOf(marker(field), at);
    open = { field, start: mark + marker(field).length + (isQuoted(field) ? 1 : 0) };
  }
  // nginx cuts an entry at 2048 bytes, which may take the last quote.
  if (open !== null) fields[open.field] = isQuoted(open.field) ? tail.slice(open.start).replace(/"$/, '') : tail.slice(open.start);
  return fields;
}

function isQuoted(field: Field): boolean {
  return field !== 'client' && field !== 'server';
}

function marker(field: Field): string {
  return `, ${field}: `;
}

export function isLevel(text: string | undefined): text is Level {
  return LEVELS.some((level) => level === text);
}

function lastErrno(message: string): ErrorEntry['errno'] {
  const last = [...message.matchAll(/\((\d{1,4}): ([^()]*)\)/g)].at(-1);
  return last === undefined ? null : { number: Number(last[1]), says: last[2] ?? '' };
}
