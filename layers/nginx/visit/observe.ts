import type { Evidence } from '@why403/decision';
import type { View } from '@why403/filesystem/collect';
import type { Redactor } from '@why403/terms/redaction';
import { type Exchange, header, type Question } from '@why403/terms/request';
import { type LogMark, type LogsRead, markLogs, readSince } from '../collect/logs.ts';
import type { Observation, ObservedLine } from '../model/attribution/observation.ts';
import type { ErrorEntry } from '../model/logs/error-line.ts';
import {
  type AccessEntry,
  type AccessLog,
  absence,
  accessLogsIn,
  type ErrorLog,
  errorLogsIn,
  joinAccess,
  joinErrors,
  type LogDefaults,
  parseAccessLog,
  parseErrorLog,
  type Sought,
} from '../model/logs/index.ts';
import { type Configuration, type Directive, descendants } from '../model/syntax/index.ts';
import type { Walk } from '../model/trace.ts';
import { pageOf } from './producer.ts';

/** A worker writes its access entry a moment after it answered; longer than this nobody waits. */
const PATIENCE = 400;
/** More logs than this are not followed at once. */
const MOST_LOGS = 200;

export interface Scenery {
  readonly view: View;
  readonly configuration: Configuration;
  readonly defaults: LogDefaults;
  readonly redactor: Redactor;
  /** Files to be read instead of those that the configuration names; empty for those. */
  readonly instead: { readonly errors: readonly string[]; readonly accesses: readonly string[] };
}

/** Every log file that the configuration may write to, before it is known which location answers. */
export function markEveryLog({ view, configuration, defaults, instead }: Scenery, master: number | null): LogMark {
  // Logs are inherited as they are, so a block that names none adds none.
  const naming = descendants(configuration.directives).filter(({ name }) => name === 'error_log' || name === 'access_log');
  const blocks = [null, ...new Set(naming.map(({ parent }) => parent))];
  const logs = blocks.flatMap((block) => [...errorLogsIn(configuration, block, defaults), ...accessLogsIn(configuration, block, defaults)]);
  const paths = logs.flatMap(({ target }) => (target.kind === 'file' ? [target.path] : []));
  return markLogs(view, [...new Set(paths)].slice(0, MOST_LOGS), master, [...instead.errors, ...instead.accesses]);
}

/** What the logs say of a request that was sent: its own entries, and whether their lack means anything. */
export async function observe(
  mark: LogMark,
  exchange: Exchange,
  walk: Walk,
  scenery: Scenery,
): Promise<{ readonly observation: Observation; readonly blind: readonly string[] }> {
  const { configuration, defaults, redactor, instead } = scenery;
  const inside = walk.locations.at(-1) ?? walk.server.directive;
  const errorLogs = insteadOf(errorLogsAlong(walk, scenery), instead.errors);
  const accessLogs = insteadOf(accessLogsIn(configuration, inside, defaults), instead.accesses);
  const sought = soughtFrom(exchange.question, exchange);
  const waitsFor = accessLogs.some(
    (log) => log.target.kind === 'file' && log.format !== null && log.condition === null && log.buffered === null,
  );
  const read = await readSince(mark, (now) => !waitsFor || accessEntries(now, accessLogs, sought).length > 0, waitsFor ? PATIENCE : 0);
  const wasRead = (path: string): boolean => read.logs.some((log) => log.path === path && !log.isCut);
  const telling = absence(errorLogs, 'error', wasRead);
  const [entry] = accessEntries(read, accessLogs, sought);
  const files = new Set(errorLogs.flatMap(({ target }) => (target.kind === 'file' ? [target.path] : [])));
  const isReadable = read.logs.some((log) => files.has(log.path));
  return {
    observation: {
      status: exchange.status,
      errors: isReadable ? errorLines(read, files, { ...sought, zone: zoneOf(entry) }, redactor) : null,
      recordsErrors: telling.state === 'telling' ? true : isReadable ? false : null,
      access: entry?.values ?? null,
      page: pageOf(exchange),
      quotes: [answerEvidence(exchange), ...accessEvidence(entry, accessLogs, redactor)],
    },
    blind: [
      ...read.blind.map(({ path, why }) => `the log ${path} could not be read: ${why}`),
      ...(telling.state === 'mute' ? [telling.why] : []),
    ],
  };
}

/** A file that was named stands for each log in force: what nginx writes there, it would have written here. */
function insteadOf<T extends ErrorLog | AccessLog>(logs: readonly T[], paths: readonly string[]): readonly T[] {
  if (paths.length === 0) return logs;
  return logs.flatMap((log) => paths.map((path) => ({ ...log, target: { kind: 'file' as const, path } })));
}

/** The error logs of every location that the request came through: a line stands in the log of where it was refused. */
function errorLogsAlong(walk: Walk, { configuration, defaults }: Scenery): readonly ErrorLog[] {
  const blocks: readonly (Directive | null)[] =
    walk.locations.length === 0 ? [walk.server.directive] : walk.locations.map((one) => one ?? walk.server.directive);
  return blocks.flatMap((block) => errorLogsIn(configuration, block, defaults));
}

function soughtFrom(question: Question, exchange: Exchange | null): Sought {
  return {
    method: question.method,
    target: question.target,
    httpVersion: question.httpVersion,
    mark: exchange?.mark ?? null,
    client: exchange?.local.address ?? null,
    host: header(question.headers, 'host') ?? null,
    status: exchange?.status ?? null,
    during: exchange === null ? null : { from: exchange.sentAt, to: exchange.receivedAt },
    zone: null,
  };
}

function accessEntries(read: LogsRead, logs: readonly AccessLog[], sought: Sought): readonly AccessEntry[] {
  return logs.flatMap(({ target, format }) => {
    if (target.kind !== 'file' || format === null) return [];
    const text = read.logs.find((log) => log.path === target.path)?.text ?? '';
    return joinAccess(parseAccessLog(format, text), sought).entries;
  });
}

/** The server's distance from UTC in seconds, which only the access log writes down. */
function zoneOf(entry: AccessEntry | undefined): number | null {
  const parts = /([+-])(\d\d)(\d\d)$/.exec(entry?.values.get('time_local') ?? '');
  return parts === null ? null : (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 3600 + Number(parts[3]) * 60);
}

function errorLines(read: LogsRead, files: ReadonlySet<string>, sought: Sought, redactor: Redactor): readonly ObservedLine[] {
  return read.logs
    .filter((log) => files.has(log.path))
    .flatMap((log) => joinErrors(parseErrorLog(log.text), sought).entries.map((entry) => observedLine(log.path, entry, redactor)));
}

export function observedLine(file: string, entry: ErrorEntry, redactor: Redactor): ObservedLine {
  return { file, line: null, level: entry.level, message: entry.message, text: redactor.text(entry.text) };
}

function answerEvidence(exchange: Exchange): Evidence {
  return {
    kind: 'response',
    text: `${exchange.status} ${exchange.reason}`.trim(),
    says: 'The server gave this answer to the request that was sent.',
    audience: 'caller',
  };
}

function accessEvidence(entry: AccessEntry | undefined, logs: readonly AccessLog[], redactor: Redactor): readonly Evidence[] {
  if (entry === undefined) return [];
  const target = logs[0]?.target;
  return [accessQuote(entry, target?.kind === 'file' ? target.path : null, redactor)];
}

export function accessQuote(entry: AccessEntry, file: string | null, redactor: Redactor): Evidence {
  return {
    kind: 'log',
    ...(file === null ? {} : { file }),
    text: redactor.text(entry.text),
    says: 'The access log has this entry for the very request.',
    audience: 'operator',
  };
}
