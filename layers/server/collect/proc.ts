import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { parseCommandLine, parseEffectiveUid, parseStat, type ProcessStat } from '../model/process-text.ts';
import { isListeningLine, type ListeningSocket, parseListening } from '../model/socket-table.ts';

/** What reading one thing under /proc came to: its value, that it is gone, or that it may not be seen. */
export type Seen<T> = { readonly state: 'seen'; readonly value: T } | { readonly state: 'gone' } | { readonly state: 'forbidden' };

function see<T>(read: () => T): Seen<T> {
  try {
    return { state: 'seen', value: read() };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    // everything else (ENOENT, ESRCH, ENOTDIR) is a process that ended while it was looked at
    return code === 'EACCES' || code === 'EPERM' ? { state: 'forbidden' } : { state: 'gone' };
  }
}

/** The value when it could be seen, else null. */
export function valueOf<T>(seen: Seen<T>): T | null {
  return seen.state === 'seen' ? seen.value : null;
}

/** The process file system, at its usual place or, in tests, at another. */
export interface Proc {
  readonly path: string;
  pids(): readonly number[];
  stat(pid: number): ProcessStat | null;
  effectiveUid(pid: number): number | null;
  commandLine(pid: number): readonly string[];
  /** `exe`, `cwd`, `root`, `ns/net` or `ns/mnt`. */
  link(pid: number | 'self', name: string): Seen<string>;
  /** Inodes of the sockets that the process has open, among those wanted. */
  socketsOf(pid: number, wanted: ReadonlySet<string>): Seen<ReadonlySet<string>>;
  /** Sockets listening on a port in the network namespace of a process. */
  listening(pid: number | 'self', port: number): readonly ListeningSocket[];
  text(path: string): string | null;
  /** Milliseconds since the epoch at which the machine's clock of start times was at zero; null when unknown. */
  bootTime(now: number): number | null;
}

/** Shorter than a line of a socket table, see `readListening`. */
const LESS_THAN_A_LINE = 128;

/**
 * The head of a socket table up to its last listening socket. The kernel lists those first, then searches
 * its whole table of connections, which takes long on a busy server; a read that asks for no more than a
 * line never makes it start.
 */
function readListening(path: string): string {
  const descriptor = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(LESS_THAN_A_LINE);
    let whole = '';
    let line = '';
    for (;;) {
      const count = readSync(descriptor, chunk, 0, LESS_THAN_A_LINE, null);
      if (count === 0) return whole + line;
      const pieces = (line + chunk.toString('latin1', 0, count)).split('\n');
      line = pieces.pop() ?? '';
      for (const piece of pieces) {
        if (!isListeningLine(piece)) return whole;
        whole += `${piece}\n`;
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

export function openProc(path = '/proc'): Proc {
  const text = (name: string): string | null => valueOf(see(() => readFileSync(`${path}/${name}`, 'utf8')));
  return {
    path,
    text,
    pids: () =>
      (valueOf(see(() => readdirSync(path))) ?? [])
        .filter((name) => /^[0-9]+$/.test(name))
        .map(Number)
        .sort((a, b) => a - b),
    stat: (pid) => parseStat(text(`${pid}/stat`) ?? ''),
    effectiveUid: (pid) => parseEffectiveUid(text(`${pid}/status`) ?? ''),
    commandLine: (pid) => parseCommandLine(text(`${pid}/cmdline`) ?? ''),
    link: (pid, name) => see(() => readlinkSync(`${path}/${pid}/${name}`)),
    socketsOf(pid, wanted) {
      const listing = see(() => readdirSync(`${path}/${pid}/fd`));
      if (listing.state !== 'seen') return listing;
      const found = new Set<string>();
      for (const descriptor of listing.value) {
        const link = see(() => readlinkSync(`${path}/${pid}/fd/${descriptor}`));
        // root without CAP_SYS_PTRACE may list the descriptors and follow none: one refusal speaks for all
        if (link.state === 'forbidden') return link;
        const target = valueOf(link);
        const inode = target?.startsWith('socket:[') === true ? target.slice(8, -1) : null;
        if (inode !== null && wanted.has(inode)) found.add(inode);
        if (found.size === wanted.size) break;
      }
      return { state: 'seen', value: found };
    },
    listening: (pid, port) =>
      ['tcp', 'tcp6'].flatMap((table) =>
        parseListening(valueOf(see(() => readListening(`${path}/${pid}/net/${table}`))) ?? '', port, endianness()),
      ),
    bootTime(now) {
      // finer than btime in /proc/stat, which is whole seconds
      const uptime = Number((text('uptime') ?? '').split(' ')[0]);
      if (uptime > 0) return now - uptime * 1000;
      const btime = /^btime (\d+)/m.exec(text('stat') ?? '')?.[1];
      return btime === undefined ? null : Number(btime) * 1000;
    },
  };
}
