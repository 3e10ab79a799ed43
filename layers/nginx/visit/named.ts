import { header, type Question } from '@why403/terms/request';
import { readTail } from '../collect/logs.ts';
import type { Observation } from '../model/attribution/observation.ts';
import type { ErrorEntry } from '../model/logs/error-line.ts';
import { type AccessEntry, accessLogsIn, parseAccessLog, parseErrorLog } from '../model/logs/index.ts';
import { isRefusal } from '../model/refusal-status.ts';
import { descendants } from '../model/syntax/index.ts';
import { accessQuote, observedLine, type Scenery } from './observe.ts';

/** What logs that were named tell of a request that was not sent. */
export interface Named {
  /** Null when they hold no request like it. */
  readonly observation: Observation | null;
  /** Whose request it was; null when they don't tell. */
  readonly client: string | null;
  readonly blind: readonly string[];
}

const VERSION = / HTTP\/[\d.]+$/;

/**
 * Finds the last request just like the question that was refused, else the last one, in logs that were named.
 * The question doesn't say when it was nor, without `--from`, who asked: the entries do, and an entry of
 * another client is another request.
 */
export function observeNamed(question: Question, scenery: Scenery): Named {
  const { view, instead, redactor } = scenery;
  const read = readTail(view, [...instead.errors, ...instead.accesses]);
  const textOf = (path: string): string => read.logs.find((log) => log.path === path)?.text ?? '';
  const blind = read.blind.map(({ path, why }) => `the log ${path} could not be read: ${why}`);
  const isOurs = (request: string | null | undefined): boolean => request?.replace(VERSION, '') === `${question.method} ${question.target}`;
  const entries = accessEntries(scenery, textOf, (values) => isOurs(values.get('request')) && isFrom(clientOf(values), question.from));
  const refused = entries.filter(({ entry }) => isRefusal(statusOf(entry) ?? 0));
  const entry = (refused.length > 0 ? refused : entries).at(-1) ?? null;
  // realip shows another client in one log than in the other.
  const hasRealip = descendants(scenery.configuration.directives).some(({ name }) => name === 'set_real_ip_from');
  const sought = hasRealip ? undefined : (question.from ?? (entry === null ? undefined : clientOf(entry.entry.values)));
  const own = instead.errors.flatMap((file) =>
    parseErrorLog(textOf(file)).flatMap((one) => (isOurs(one.request) && isFrom(one.client, sought) ? [{ file, entry: one }] : [])),
  );
  const lines = lastConnection(preferHost(own, question));
  const status = entry === null ? null : statusOf(entry.entry);
  const client = question.from ?? (entry === null ? null : clientOf(entry.entry.values)) ?? lines[0]?.entry.client ?? null;
  if (status === null && lines.length === 0) return { observation: null, client: question.from ?? null, blind };
  const observation: Observation = {
    status: status ?? 403,
    errors: lines.map(({ file, entry: line }) => observedLine(file, line, redactor)),
    // A log that was copied at some time need not hold everything.
    recordsErrors: null,
    access: entry?.entry.values ?? null,
    quotes: entry === null ? [] : [accessQuote(entry.entry, entry.file, redactor)],
  };
  return { observation, client, blind };
}

function accessEntries(
  { configuration, defaults, instead }: Scenery,
  textOf: (path: string) => string,
  isOurs: (values: AccessEntry['values']) => boolean,
): readonly { readonly file: string; readonly entry: AccessEntry }[] {
  const blocks = [null, ...descendants(configuration.directives).filter(({ name }) => name === 'server')];
  const formats = new Set(blocks.flatMap((block) => accessLogsIn(configuration, block, defaults).map(({ format }) => format)));
  return instead.accesses.flatMap((file) =>
    [...formats].flatMap((format) =>
      format === null ? [] : parseAccessLog(format, textOf(file)).flatMap((entry) => (isOurs(entry.values) ? [{ file, entry }] : [])),
    ),
  );
}

function statusOf({ values }: AccessEntry): number | null {
  const status = Number(values.get('status') ?? Number.NaN);
  return Number.isInteger(status) ? status : null;
}

function clientOf(values: AccessEntry['values']): string | undefined {
  return values.get('realip_remote_addr') ?? values.get('remote_addr');
}

function isFrom(client: string | null | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || client === undefined || client === null || client === wanted;
}

interface Line {
  readonly file: string;
  readonly entry: ErrorEntry;
}

/** Lines of the host asked for, when there are any: people also ask for a copy by another name. */
function preferHost(lines: readonly Line[], { headers, hostname }: Question): readonly Line[] {
  const host = (header(headers, 'host') ?? hostname).replace(/:\d+$/, '');
  const own = lines.filter(({ entry }) => entry.host?.replace(/:\d+$/, '') === host);
  return own.length > 0 ? own : lines;
}

/** Of several such requests the last one: its lines share a process and a connection. */
function lastConnection(lines: readonly Line[]): readonly Line[] {
  const last = lines.at(-1)?.entry;
  return lines.filter(({ entry }) => entry.pid === last?.pid && entry.connection === last.connection);
}
