import { openSync, closeSync, readSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { roleOf } from '../collect/command-line.ts';
import { childrenOf } from '../collect/proc.ts';

export interface Reloading {
  readonly masterPid: number;
  /** Logs in which the master says why it keeps its old configuration. */
  readonly errorLogs: readonly string[];
  /** Milliseconds until a reload without a sign of success counts as failed. */
  readonly patience?: number;
}

export type Reloaded = { readonly ok: true } | { readonly ok: false; readonly why: string };

const PATIENCE = 15_000;
const POLL = 5;
const MOST_LOG = 64 * 1024;

/** Sends SIGHUP and waits until only workers with the new configuration take requests. */
export async function reloadServer({ masterPid, errorLogs, patience = PATIENCE }: Reloading): Promise<Reloaded> {
  const marks = errorLogs.map((path) => ({ path, size: sizeOf(path) }));
  const old = new Set(workersOf(masterPid));
  try {
    process.kill(masterPid, 'SIGHUP');
  } catch (error) {
    return {
      ok: false,
      why: `the master ${masterPid} could not be told to reload: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
  // Without a master one process does everything and shows no sign; the answer to the next request has to tell.
  if (old.size === 0) return { ok: true };
  for (const deadline = Date.now() + patience; Date.now() < deadline; await pause(POLL)) {
    const now = workersOf(masterPid);
    if (now.length > 0 && now.every((pid) => !old.has(pid))) return { ok: true };
    const said = marks.flatMap((mark) => emergencyIn(mark.path, mark.size, masterPid)).at(0);
    if (said !== undefined) return { ok: false, why: `nginx kept its old configuration: ${said}` };
  }
  return { ok: false, why: `nginx did not replace its workers within ${patience / 1000} seconds` };
}

/** Workers that take requests: those that are leaving have closed their listeners (NGX_CHANGEBIN_SIGNAL aside). */
function workersOf(masterPid: number): readonly number[] {
  return childrenOf(masterPid).flatMap((child) => (roleOf(child.argv) === 'worker' ? [child.pid] : []));
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function emergencyIn(path: string, from: number, masterPid: number): readonly string[] {
  const size = sizeOf(path);
  if (size <= from) return [];
  const bytes = Buffer.alloc(Math.min(size - from, MOST_LOG));
  const file = openSync(path, 'r');
  try {
    readSync(file, bytes, 0, bytes.length, from);
  } finally {
    closeSync(file);
  }
  const lines = bytes.toString('latin1').matchAll(/\[emerg\] (\d+)#\d+: (.*)/g);
  return [...lines].flatMap(([, pid, text = '']) => (Number(pid) === masterPid ? [text] : []));
}
