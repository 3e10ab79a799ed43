import type { Proc } from './proc.ts';

/** Which processes hold listening sockets open, as far as that could be seen. */
export interface Holders {
  /** The process to talk about: of master and workers the master; null when none was seen. */
  readonly pid: number | null;
  /** Others that hold the same port through a socket of their own (SO_REUSEPORT). */
  readonly rivals: readonly number[];
  /** systemd holds it: alone when it waits for the first connection to start a service. */
  readonly isHeldByInit: boolean;
  /** Processes whose open files this account may not see. */
  readonly hidden: readonly number[];
  /** The search took too long and was ended. */
  readonly isCutShort: boolean;
}

/** A machine with so many open files that looking at all takes longer is told about, not waited for. */
const BUDGET = 1_000;

/** pid 1 is systemd on a host, but a server of its own in many containers. */
function isInit(proc: Proc, pid: number): boolean {
  return pid === 1 && ['systemd', 'init'].includes(proc.stat(1)?.name ?? '');
}

/** Goes from a worker up to the master: the topmost ancestor that holds the socket too. */
function climb(proc: Proc, pid: number, inodes: ReadonlySet<string>): number {
  let top = pid;
  for (let steps = 0; steps < 16; steps += 1) {
    const parent = proc.stat(top)?.parent ?? 0;
    if (parent < 1 || isInit(proc, parent)) return top;
    const held = proc.socketsOf(parent, inodes);
    // hidden from this account: a worker's parent of the same name is its master all the same
    const isHiddenMaster = held.state === 'forbidden' && proc.stat(parent)?.name === proc.stat(top)?.name;
    if (!isHiddenMaster && (held.state !== 'seen' || held.value.size === 0)) return top;
    top = parent;
  }
  return top;
}

/** Finds who holds any of the sockets, in the order of process ids, and stops once all are accounted for. */
export function findHolders(proc: Proc, pids: readonly number[], inodes: ReadonlySet<string>): Holders {
  const found: number[] = [];
  const hidden: number[] = [];
  const open = new Set(inodes);
  let isHeldByInit = false;
  const until = performance.now() + BUDGET;
  let isCutShort = false;
  for (const pid of pids) {
    if (open.size === 0) break;
    if (performance.now() > until) {
      isCutShort = true;
      break;
    }
    const held = proc.socketsOf(pid, open);
    if (held.state === 'forbidden') hidden.push(pid);
    if (held.state !== 'seen' || held.value.size === 0) continue;
    if (isInit(proc, pid)) {
      isHeldByInit = true;
      continue;
    }
    const top = climb(proc, pid, inodes);
    if (!found.includes(top)) found.push(top);
    const all = proc.socketsOf(top, inodes);
    for (const inode of [...held.value, ...(all.state === 'seen' ? all.value : [])]) open.delete(inode);
  }
  const [pid = null, ...rivals] = found;
  return { pid, rivals, isHeldByInit, hidden, isCutShort };
}
