import type { Evidence } from '@why403/decision';
import type { View } from '@why403/filesystem/collect';
import type { Redactor } from '@why403/terms/redaction';
import { type Exchange, header, type Question } from '@why403/terms/request';
import { type LogMark, type LogsRead, markLogs, readSince, readTail } from '../collect/logs.ts';
import type { Observation, ObservedLine } from '../model/attribution/observation.ts';
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
}

/** Every log file that the configuration may write to, before it is known which location answers. */
export function markEveryLog({ view, configuration, defaults }: Scenery, master: number | null): LogMark {
  // Logs are inherited as they are, so a block that names none adds none.
  const naming = descendants(configuration.directives).filter(({ name }) => name === 'error_log' || name === 'access_log');
  const blocks = [null, ...new Set(naming.map(({ parent }) => parent))];
  const logs = blocks.flatMap((block) => [...errorLogsIn(configuration, block, defaults), ...accessLogsIn(configuration, block, defaults)]);
  const paths = logs.flatMap(({ target }) => (target.kind === 'file' ? [target.path] : []));
  return markLogs(view, [...new Set(paths)].slice(0, MOST_LOGS), master);
}

/** What the logs say of a request that was sent: its own entries, and whether their lack means anything. */
export async function observe(
  mark: LogMark,
  exchange: Exchange,
  walk: Walk,
  scenery: Scenery,
): Promise<{ readonly observation: Observation; readonly blind: readonly string[] }> {
  const { configuration, defaults, redactor } = scenery;
  const inside = walk.locations.at(-1) ?? walk.server.directive;
  const errorLogs = errorLogsAlong(walk, scenery);
  const accessLogs = accessLogsIn(configuration, inside, defaults);
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

/** Reads logs that were named, for a request that was not sent: the last one just like it. Null when they hold none. */
export function observeNamed(
  question: Question,
  errorLogs: readonly string[],
  accessLogs: readonly string[],
  scenery: Scenery,
): { readonly observation: Observation | null; readonly blind: readonly string[] } {
  const { view, configuration, defaults, redactor } = scenery;
  const read = readTail(view, [...errorLogs, ...accessLogs]);
  const blind = read.blind.map(({ path, why }) => `the log ${path} could not be read: ${why}`);
  const formats = [
    ...accessLogsIn(configuration, null, defaults),
    ...descendants(configuration.directives).flatMap((one) => (one.name === 'server' ? accessLogsIn(configuration, one, defaults) : [])),
  ];
  const sought: Sought = { ...soughtFrom(question, null), client: question.from ?? null };
  const entries = formats.flatMap(({ format }) =>
    format === null
      ? []
      : read.logs
          .filter((log) => accessLogs.includes(log.path))
          .flatMap((log) => joinAccess(parseAccessLog(format, log.text), sought).entries),
  );
  const entry = entries.at(-1);
  const errors = errorLines(read, new Set(errorLogs), sought, redactor);
  const status = Number(entry?.values.get('status') ?? Number.NaN);
  if (!Number.isInteger(status) && errors.length === 0) return { observation: null, blind };
  return {
    observation: {
      status: Number.isInteger(status) ? status : 403,
      errors,
      // A log that was copied at some time need not hold everything.
      recordsErrors: null,
      access: entry?.values ?? null,
      quotes: accessEvidence(entry, [], redactor, accessLogs[0]),
    },
    blind,
  };
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
    .flatMap((log) =>
      joinErrors(parseErrorLog(log.text), sought).entries.map((entry) => ({
        file: log.path,
        line: null,
        level: entry.level,
        message: entry.message,
        text: redactor.text(entry.text),
      })),
    );
}

function answerEvidence(exchange: Exchange): Evidence {
  return {
    kind: 'response',
    text: `${exchange.status} ${exchange.reason}`.trim(),
    says: 'The server gave this answer to the request that was sent.',
    audience: 'caller',
  };
}

function accessEvidence(
  entry: AccessEntry | undefined,
  logs: readonly AccessLog[],
  redactor: Redactor,
  file?: string,
): readonly Evidence[] {
  if (entry === undefined) return [];
  const target = logs[0]?.target;
  const path = file ?? (target?.kind === 'file' ? target.path : undefined);
  return [
    {
      kind: 'log',
      ...(path === undefined ? {} : { file: path }),
      text: redactor.text(entry.text),
      says: 'The access log has this entry for the very request.',
      audience: 'operator',
    },
  ];
}
