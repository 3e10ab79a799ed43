import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, type Stats, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { View } from '@why403/filesystem/collect';
import { resolveInView } from './view-files.ts';

/** What was read of one log file. */
export interface LogText {
  /** As the server names it. */
  readonly path: string;
  readonly text: string;
  /** Whether older text was left out because there was too much. */
  readonly isCut: boolean;
  /** Whether the file was moved away or emptied meanwhile; what was written to both is in `text`. */
  readonly wasRotated: boolean;
}

export interface LogsRead {
  readonly logs: readonly LogText[];
  /** Logs that could not be read, and why. */
  readonly blind: readonly { readonly path: string; readonly why: string }[];
}

/** The most that is read of one log, from its end. */
const MOST = 4 << 20;
/** Milliseconds between looks, the last one for good: mostly the entry comes within the first. */
const PAUSES = [1, 1, 2, 4, 10] as const;

interface Open {
  readonly descriptor: number;
  readonly stats: Stats;
}

interface Marked {
  readonly path: string;
  /** Kept open, so that what is still written to a log that was moved away is found. Null: it isn't there yet. */
  readonly open: Open | null;
}

/** Where logs ended before a request was sent. Has to be disposed of, which `readSince` doesn't do. */
export class LogMark implements Disposable {
  readonly blind: readonly { readonly path: string; readonly why: string }[];
  readonly #view: View;
  readonly #marked: readonly Marked[];
  readonly #isWriterKnown: boolean;

  constructor(view: View, paths: readonly string[], writer: number | null = null, others: readonly string[] = []) {
    const held = writer === null ? null : filesHeldBy(writer);
    const blind: { path: string; why: string }[] = [];
    this.#view = view;
    this.#isWriterKnown = held !== null;
    this.#marked = [...new Set([...others, ...paths])].flatMap((path): Marked[] => {
      const tried = openLog(view, path);
      if ('open' in tried) {
        const { descriptor, stats } = tried.open;
        if (held === null || others.includes(path) || held.has(`${stats.dev}:${stats.ino}`)) return [{ path, open: tried.open }];
        closeSync(descriptor);
        blind.push({
          path,
          why: `process ${writer} does not write to this file: its log was moved or replaced, and \`nginx -s reopen\` was not done`,
        });
        return [];
      }
      // A log that isn't there yet may be made by its first entry.
      if (tried.code === 'ENOENT') return [{ path, open: null }];
      blind.push({ path, why: tried.why });
      return [];
    });
    this.blind = blind;
  }

  /** What was added to each log since the mark was made. */
  read(): LogsRead {
    const blind = [...this.blind];
    const logs = this.#marked.flatMap((marked): LogText[] => {
      const read = this.#readOne(marked);
      if ('why' in read) blind.push({ path: marked.path, why: read.why });
      return 'why' in read ? [] : [read];
    });
    return { logs, blind };
  }

  [Symbol.dispose](): void {
    for (const { open } of this.#marked) if (open !== null) closeSync(open.descriptor);
  }

  /** A log of a running server that isn't there was removed: its entries go on into what nobody can open. */
  #absent(path: string): LogText | { readonly why: string } {
    if (!this.#isWriterKnown) return { path, text: '', isCut: false, wasRotated: false };
    return { why: 'No such file or directory; if it was removed, the server goes on writing to what nobody can open any more' };
  }

  #readOne({ path, open }: Marked): LogText | { readonly why: string } {
    const now = openLog(this.#view, path);
    const current = 'open' in now ? now.open : null;
    try {
      if (open === null) return current === null ? this.#absent(path) : { path, wasRotated: false, ...readFrom(current, 0) };
      const isSame = current !== null && current.stats.ino === open.stats.ino && current.stats.dev === open.stats.dev;
      const held = { descriptor: open.descriptor, stats: fstatSync(open.descriptor) };
      // A log that got shorter was emptied in place (logrotate's copytruncate).
      const wasEmptied = held.stats.size < open.stats.size;
      const old = readFrom(held, wasEmptied ? 0 : open.stats.size);
      if (isSame || current === null) return { path, ...old, wasRotated: wasEmptied || !isSame };
      const fresh = readFrom(current, 0);
      return { path, text: old.text + fresh.text, isCut: old.isCut || fresh.isCut, wasRotated: true };
    } catch (error) {
      return { why: error instanceof Error ? error.message : String(error) };
    } finally {
      if (current !== null) closeSync(current.descriptor);
    }
  }
}

/**
 * Notes where logs end now. `writer` is the process that should have `paths` open; null when it isn't known.
 * `others` are written by whoever else, such as a syslog daemon.
 */
export function markLogs(view: View, paths: readonly string[], writer: number | null = null, others: readonly string[] = []): LogMark {
  return new LogMark(view, paths, writer, others);
}

/** Device and inode of every file that a process has open; null without the right to see that. */
function filesHeldBy(pid: number): ReadonlySet<string> | null {
  try {
    const held = readdirSync(`/proc/${pid}/fd`).flatMap((number) => {
      const stats = statSync(`/proc/${pid}/fd/${number}`, { throwIfNoEntry: false });
      return stats === undefined ? [] : [`${stats.dev}:${stats.ino}`];
    });
    return held.length === 0 ? null : new Set(held);
  } catch {
    return null;
  }
}

/**
 * Reads what was added since the mark, again and again until `isEnough` or `patience` milliseconds are over:
 * a worker writes its entries a moment after it answered.
 */
export async function readSince(mark: LogMark, isEnough: (read: LogsRead) => boolean, patience: number): Promise<LogsRead> {
  const deadline = performance.now() + patience;
  for (let look = 0; ; look += 1) {
    const read = mark.read();
    // Error lines are written before the access entry; but their log may have been read before that one was.
    if (isEnough(read)) return mark.read();
    if (performance.now() >= deadline) return read;
    await pause(PAUSES[Math.min(look, PAUSES.length - 1)]);
  }
}

/** The last entries of logs, at most 4 MiB of each, when there was no mark. The first line read may be a part of one and is left out. */
export function readTail(view: View, paths: readonly string[], most: number = MOST): LogsRead {
  const blind: { path: string; why: string }[] = [];
  const logs = [...new Set(paths)].flatMap((path): LogText[] => {
    const tried = openLog(view, path);
    if (!('open' in tried)) {
      blind.push({ path, why: tried.why });
      return [];
    }
    try {
      return [{ path, wasRotated: false, ...readFrom(tried.open, 0, most) }];
    } catch (error) {
      blind.push({ path, why: error instanceof Error ? error.message : String(error) });
      return [];
    } finally {
      closeSync(tried.open.descriptor);
    }
  });
  return { logs, blind };
}

type Opened = { readonly open: Open } | { readonly code: string; readonly why: string };

function openLog(view: View, path: string): Opened {
  const resolved = resolveInView(view, path);
  if ('failure' in resolved) return { code: resolved.failure.code, why: resolved.failure.says };
  try {
    // Nothing may block us or take what is meant for another reader: a pipe or terminal is only recognized.
    const descriptor = openSync(view.root + resolved.ok.real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const stats = fstatSync(descriptor);
    if (stats.isFile()) return { open: { descriptor, stats } };
    closeSync(descriptor);
    const kind = stats.isDirectory() ? 'a directory' : 'a device or pipe, whose reader has the entries (for a container: its engine)';
    return { code: 'ESPIPE', why: `it is ${kind}` };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
    return { code, why: code === 'EACCES' ? 'Permission denied' : code === 'ENOENT' ? 'No such file or directory' : code };
  }
}

function readFrom({ descriptor, stats }: Open, start: number, most: number = MOST): { readonly text: string; readonly isCut: boolean } {
  const from = Math.max(start, stats.size - most);
  const buffer = Buffer.allocUnsafe(Math.max(0, stats.size - from));
  let length = 0;
  while (length < buffer.length) {
    const read = readSync(descriptor, buffer, length, buffer.length - length, from + length);
    if (read === 0) break;
    length += read;
  }
  const isCut = from > start;
  const bytes = buffer.subarray(isCut ? buffer.indexOf(10) + 1 : 0, length);
  return { text: decode(bytes), isCut };
}

/** Line by line where there are bytes that aren't UTF-8, so that they spoil no other line. */
function decode(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const lines: string[] = [];
  for (let at = 0; at <= bytes.length; ) {
    const newline = bytes.indexOf(10, at);
    const end = newline < 0 ? bytes.length : newline;
    const line = bytes.subarray(at, end);
    lines.push(line.toString(isUtf8(line) ? 'utf8' : 'latin1'));
    at = end + 1;
  }
  return lines.join('\n');
}
