import type { Listener } from '@why403/terms/house';
import { readForwarding } from '../model/forwarder.ts';
import { SERVER_PROGRAMS } from '../model/server-programs.ts';
import { type ListeningSocket, socketsFor } from '../model/socket-table.ts';
import { describeProcess } from './describe.ts';
import { findHolders, type Holders } from './holders.ts';
import { hasAddress, neighborsOf, otherNetworks } from './namespaces.ts';
import { openProc, type Proc } from './proc.ts';
import { socketUnitsFor } from './socket-units.ts';

/** What came of looking for the process behind an address and port of this machine. */
export interface ListenerSight {
  readonly listener: Listener | null;
  /** How it was found when that was not straight: through which forwarders, or by what guess. */
  readonly notes: readonly string[];
  /** What could not be seen, and what that leaves open. */
  readonly blind: readonly string[];
}

export interface ListenerWishes {
  readonly proc?: Proc;
  readonly now?: () => number;
  readonly socketUnits?: typeof socketUnitsFor;
}

interface Search {
  readonly proc: Proc;
  readonly now: number;
  readonly socketUnits: typeof socketUnitsFor;
  readonly notes: string[];
  readonly blind: string[];
}

const NOWHERE = (search: Search): ListenerSight => ({ listener: null, notes: search.notes, blind: search.blind });

function describe(search: Search, pid: number, address: string, port: number): ListenerSight {
  const { listener, blind } = describeProcess(search.proc, pid, address, port, search.now);
  return { listener, notes: search.notes, blind: [...search.blind, ...blind] };
}

/** Without the right to see whose socket it is: the one web server among the hidden processes, if there is just one. */
function guess(search: Search, holders: Holders, sockets: readonly ListeningSocket[], address: string, port: number): ListenerSight {
  const { proc, blind } = search;
  const uids = new Set(sockets.map((socket) => socket.uid));
  const servers = holders.hidden.filter((pid) => SERVER_PROGRAMS.has(proc.stat(pid)?.name ?? ''));
  const masters = servers.filter((pid) => !servers.includes(proc.stat(pid)?.parent ?? 0) && uids.has(proc.effectiveUid(pid) ?? -1));
  const [only, ...others] = masters;
  const why = `Which process listens on port ${port} could not be seen: its open files are hidden from this account.`;
  if (only === undefined || others.length > 0) {
    blind.push(`${why} ${process.getuid?.() === 0 ? 'Name the configuration instead.' : 'Run why403 as root, or name the configuration.'}`);
    return NOWHERE(search);
  }
  blind.push(
    `${why} Process ${only} (${proc.stat(only)?.name ?? 'unknown'}) is taken for it, as the only web server among the hidden processes.`,
  );
  return describe(search, only, address, port);
}

function explainInit(search: Search, port: number): ListenerSight {
  const [unit] = search.socketUnits(port);
  const by = unit === undefined ? 'a socket unit' : unit.name;
  const what = unit === undefined ? 'a service' : unit.service;
  search.blind.push(
    unit?.isPerConnection === true
      ? `systemd itself listens on port ${port} (${by}) and starts ${what} for each connection: there is no process to look at before.`
      : `systemd itself listens on port ${port} (${by}) and starts ${what} at the first connection: ask again once it runs.`,
  );
  return NOWHERE(search);
}

/** Follows a forwarder to what is behind it; null when the process answers itself. */
function follow(search: Search, pid: number, pids: readonly number[], depth: number): ListenerSight | null {
  const forwarding = readForwarding(search.proc.commandLine(pid));
  if (forwarding === null || depth > 2) return null;
  if (forwarding.kind === 'somewhere') {
    search.blind.push(`Process ${pid} (${forwarding.by}) passes the connection on, and where to can not be seen here.`);
    return null;
  }
  search.notes.push(`Process ${pid} (${forwarding.by}) passes the connection on to ${forwarding.address} port ${forwarding.port}.`);
  const found = forwarding.isInside ? null : findHere(search, forwarding.address, forwarding.port, pids, depth + 1);
  return found?.listener != null
    ? found
    : (findInside(search, forwarding.address, forwarding.port, pids) ?? unseenInside(search, forwarding.address));
}

function unseenInside(search: Search, address: string): ListenerSight {
  search.blind.push(
    `The process at ${address} could not be seen: it lives in another network namespace (a container) that this account may not look into, or on another machine.`,
  );
  return NOWHERE(search);
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** Looks for the address in the other network namespaces of this machine. */
function findInside(search: Search, address: string, port: number, pids: readonly number[]): ListenerSight | null {
  const { proc } = search;
  // every namespace has a loopback of its own, and only its own processes reach it
  if (isLoopback(address)) return null;
  for (const representative of otherNetworks(proc, pids)) {
    if (!hasAddress(proc, representative, address)) continue;
    const sockets = socketsFor(proc.listening(representative, port), address);
    if (sockets.length === 0) continue;
    const holders = findHolders(proc, neighborsOf(proc, pids, representative), new Set(sockets.map((socket) => socket.inode)));
    if (holders.pid !== null) return describe(search, holders.pid, address, port);
  }
  return null;
}

function findHere(search: Search, address: string, port: number, pids: readonly number[], depth: number): ListenerSight | null {
  const { proc } = search;
  const sockets = socketsFor(proc.listening('self', port), address);
  if (sockets.length === 0) return null;
  const holders = findHolders(proc, pids, new Set(sockets.map((socket) => socket.inode)));
  if (holders.isCutShort) search.blind.push('This machine has so many open files that not all of them were looked at.');
  if (holders.rivals.length > 0) {
    search.blind.push(
      `Several servers share port ${port} (processes ${[holders.pid, ...holders.rivals].join(', ')}): the kernel gives each connection to one of them, and process ${holders.pid} is looked at.`,
    );
  }
  if (holders.pid !== null) return follow(search, holders.pid, pids, depth) ?? describe(search, holders.pid, address, port);
  return holders.isHeldByInit ? explainInit(search, port) : guess(search, holders, sockets, address, port);
}

/**
 * Finds the process that answers on an address and port of this machine: of a master and its workers the
 * master, through socket activation and forwarders the real one, also in a container's namespaces. Reads
 * /proc only; on a machine with hundreds of processes it takes some tens of milliseconds.
 */
export function findListener(address: string, port: number, wishes: ListenerWishes = {}): ListenerSight {
  const proc = wishes.proc ?? openProc();
  const search: Search = { proc, now: (wishes.now ?? Date.now)(), socketUnits: wishes.socketUnits ?? socketUnitsFor, notes: [], blind: [] };
  const asked = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  const pids = proc.pids();
  const found = findHere(search, asked, port, pids, 0) ?? findInside(search, asked, port, pids);
  if (found !== null) return found;
  search.blind.push(
    `No process of this machine is seen to listen on ${asked} port ${port}; address translation (as containers use it) may lead elsewhere.`,
  );
  return NOWHERE(search);
}
