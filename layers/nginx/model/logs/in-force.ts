import type { Configuration, Directive } from '../syntax/index.ts';
import { fullName } from '../syntax/index.ts';
import { type Level, LEVELS, isLevel } from './error-line.ts';
import { combined, type LogFormat, logFormatFrom } from './log-format.ts';

/** Where a log goes. Only a file can be read again. */
export type LogTarget =
  | { readonly kind: 'file'; readonly path: string }
  /** The path has variables, so that each request may have its own. */
  | { readonly kind: 'computed'; readonly path: string }
  | { readonly kind: 'stderr' | 'syslog' | 'memory' };

export interface ErrorLog {
  readonly target: LogTarget;
  /** Entries of this level and graver ones are written. */
  readonly level: Level;
  /** Null: the default that nobody wrote. */
  readonly directive: Directive | null;
}

export interface AccessLog {
  readonly target: LogTarget;
  /** Null: the format is nowhere defined, or written in a way that we don't know. */
  readonly format: LogFormat | null;
  /** The value of `if=`, without which every request is logged. */
  readonly condition: string | null;
  /** Whether entries wait in a buffer before they are written (`buffer=`, `gzip=`), and for how long at most (`flush=`). */
  readonly buffered: { readonly flush: string | null } | null;
  readonly directive: Directive | null;
}

type Where = Pick<Configuration, 'main' | 'prefix' | 'directives'>;

/** What the executable was built to use; see `Build`. */
export interface LogDefaults {
  readonly errorLog: string;
  readonly accessLog: string;
}

/**
 * The error logs in force inside `inside` (a server, location or `if`; null for http itself): those of the
 * innermost level that has any, all of them; else those of the main context; else the built-in one.
 */
export function errorLogsIn(configuration: Where, inside: Directive | null, defaults: LogDefaults): readonly ErrorLog[] {
  for (const level of levelsOf(configuration, inside)) {
    const found = level.filter(({ name }) => name === 'error_log').flatMap((directive) => errorLog(configuration, directive));
    if (found.length > 0) return found;
  }
  return [{ target: targetOf(configuration, defaults.errorLog), level: 'error', directive: null }];
}

/**
 * The access logs in force inside `inside`. Which level counts is that of the location that answered last:
 * nginx logs with the configuration that a request has after internal redirects. Empty when logging is off.
 */
export function accessLogsIn(configuration: Where, inside: Directive | null, defaults: LogDefaults): readonly AccessLog[] {
  for (const level of levelsOf(configuration, inside).slice(0, -1)) {
    const found = level.filter(({ name }) => name === 'access_log');
    if (found.length === 0) continue;
    // `off` takes everything of its level away (ngx_http_log_set_log).
    if (found.some(({ args }) => args[0] === 'off')) return [];
    return found.map((directive) => accessLog(configuration, directive));
  }
  return [{ target: targetOf(configuration, defaults.accessLog), format: combined, condition: null, buffered: null, directive: null }];
}

/** The directives of every level from `inside` outwards to main. */
function levelsOf({ directives }: Where, inside: Directive | null): readonly (readonly Directive[])[] {
  const levels: (readonly Directive[])[] = [];
  let outermost: Directive | null = null;
  for (let at = inside; at !== null; at = at.parent) {
    levels.push(at.block ?? []);
    outermost = at;
  }
  if (outermost?.name !== 'http') levels.push(directives.find(({ name }) => name === 'http')?.block ?? []);
  return [...levels, directives];
}

function errorLog(configuration: Where, directive: Directive): readonly ErrorLog[] {
  const [path, ...levels] = directive.args;
  if (path === undefined) return [];
  // `debug_http` and its like turn on a part of debug, which includes every graver level.
  const named = levels.map((level) => (level.startsWith('debug_') ? 'debug' : level)).find(isLevel);
  return [{ target: targetOf(configuration, path), level: named ?? 'error', directive }];
}

function accessLog(configuration: Where, directive: Directive): AccessLog {
  const [path = '', ...rest] = directive.args;
  const option = (name: string): string | null => rest.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
  const isOption = (arg: string): boolean => /^(?:buffer|flush|gzip|if)=|^gzip$/.test(arg);
  const name = rest[0] !== undefined && !isOption(rest[0]) ? rest[0] : 'combined';
  const buffered = rest.some((arg) => /^(?:buffer|flush|gzip)=|^gzip$/.test(arg)) ? { flush: option('flush') } : null;
  return { target: targetOf(configuration, path), format: formatNamed(configuration, name), condition: option('if'), buffered, directive };
}

function formatNamed({ directives }: Where, name: string): LogFormat | null {
  const http = directives.find((directive) => directive.name === 'http');
  const written = http?.block?.find((directive) => directive.name === 'log_format' && directive.args[0] === name);
  if (written !== undefined) return logFormatFrom(written.args);
  return name === 'combined' ? combined : null;
}

function targetOf(configuration: Where, path: string): LogTarget {
  if (path === 'stderr') return { kind: 'stderr' };
  if (path.startsWith('syslog:')) return { kind: 'syslog' };
  if (path.startsWith('memory:')) return { kind: 'memory' };
  const full = fullName(configuration, path, 'prefix');
  return { kind: path.includes('$') ? 'computed' : 'file', path: full };
}

/** Whether entries of `level` are written to that log. */
export function records(log: ErrorLog, level: Level): boolean {
  return LEVELS.indexOf(level) <= LEVELS.indexOf(log.level) && !(log.target.kind === 'file' && log.target.path === '/dev/null');
}

/** Whether the lack of an entry means that it was never written. */
export type Absence = { readonly state: 'telling'; readonly logs: readonly ErrorLog[] } | { readonly state: 'mute'; readonly why: string };

/**
 * A missing entry is evidence only if some log that was read records its level. `wasRead` tells by path
 * whether a log file was read from before the request to after it.
 */
export function absence(logs: readonly ErrorLog[], level: Level, wasRead: (path: string) => boolean): Absence {
  const recording = logs.filter((log) => records(log, level));
  const telling = recording.filter(({ target }) => target.kind === 'file' && wasRead(target.path));
  if (telling.length > 0) return { state: 'telling', logs: telling };
  if (recording.length > 0)
    return { state: 'mute', why: `entries of level ${level} go to ${recording.map(nameOf).join(' and ')}, which could not be read` };
  return {
    state: 'mute',
    why: `no error log in force records level ${level} (${logs.map((log) => `${nameOf(log)} records ${log.level} and graver`).join('; ')})`,
  };
}

function nameOf({ target }: ErrorLog): string {
  switch (target.kind) {
    case 'file':
    case 'computed':
      return target.path;
    case 'memory':
      return 'a buffer in memory';
    case 'stderr':
      return 'standard error';
    case 'syslog':
      return 'syslog';
  }
}
