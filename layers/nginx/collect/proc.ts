import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What proc(5) shows of a process to anyone; null where even that is hidden. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly argv: readonly string[];
  readonly uid: number;
  /** Milliseconds since the epoch; null when /proc doesn't tell how long the system is up. */
  readonly startedAt: number | null;
}

/** USER_HZ, in which /proc counts, is 100 on every architecture that Node runs on. */
const TICKS = 100;

export function readProcess(pid: number): ProcessFacts | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything, parentheses too.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const uid = Number(/^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN);
    return { pid, parent: Number(fields[1]), argv: readArgv(pid), uid, startedAt: startOf(Number(fields[19])) };
  } catch {
    return null; // it ended meanwhile, or /proc is mounted so that others' processes are hidden
  }
}

function readArgv(pid: number): readonly string[] {
  const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  while (words.length > 1 && words.at(-1) === '') words.pop();
  return words;
}

function startOf(ticks: number): number | null {
  try {
    const up = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]);
    const booted = Date.now() - up * 1000;
    return Number.isFinite(up) && Number.isFinite(ticks) ? booted + (ticks / TICKS) * 1000 : null;
  } catch {
    return null; // /proc is mounted with processes only (subset=pid)
  }
}

/** Processes whose parent is `pid`. */
export function childrenOf(pid: number): readonly ProcessFacts[] {
  return pidsOfChildren(pid).flatMap((candidate) => {
    const child = readProcess(candidate);
    return child !== null && child.parent === pid ? [child] : [];
  });
}

function pidsOfChildren(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
  } catch {
    // The kernel was built without that list: ask every process for its parent.
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  }
}

/** Where a link of /proc/PID leads, or null without the right to know. */
export function readProcLink(pid: number, name: 'exe' | 'cwd' | 'root'): string | null {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    return null; // another user's process, or it ended
  }
}

/** Shared objects a process has mapped, or null without the right to see them. */
export function mappedLibraries(pid: number): readonly string[] | null {
  try {
    const maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
    return [...new Set(maps.match(/\/\S.*\.so[.\d]*$/gm) ?? [])];
  } catch {
    return null; // another user's process, or it ended
  }
}
