import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { keepForCleanUp } from './clean-up.ts';

/** Where a server listens: an address with a port, or a Unix socket's path. */
export type Endpoint = { readonly host: string; readonly port: number } | { readonly path: string };

export interface NginxStart {
  /** The executable, such as `/usr/sbin/nginx`. */
  readonly binary: string;
  /** The prefix (`-p`), against which relative paths of the configuration are resolved. */
  readonly directory: string;
  readonly configPath: string;
  /** `-e`, where nginx writes before it has read its configuration. Defaults to `error.log` in `directory`. */
  readonly errorLog?: string;
  /** Such as `1.22.1`: `-e` came with 1.19.5, and an older one is started without it. */
  readonly version?: string | null;
  /** Global directives (`-g`) beside `daemon off;`, which is always there: the configuration must not have its own. */
  readonly globals?: string;
  /** Further arguments, as given. */
  readonly args?: readonly string[];
  /** Ready means that workers run and every one of these accepts a connection. */
  readonly ready: readonly Endpoint[];
  readonly signal?: AbortSignal;
  /** Milliseconds until starting, reloading or stopping counts as failed. */
  readonly patience?: number;
}

export interface NginxInstance {
  readonly pid: number;
  /** What it wrote to its standard error so far. */
  output(): string;
  isAlive(): boolean;
  /** Sends SIGHUP and waits until the old workers are gone. A refused configuration comes back as `false`. */
  reload(): Promise<boolean>;
  /** Ends master and workers and waits for it. May be called more than once. */
  stop(): Promise<void>;
}

/** An invalid configuration is an answer, not an exception: `output` has nginx's own `[emerg]` line. */
export type Started =
  | { readonly state: 'running'; readonly nginx: NginxInstance }
  | { readonly state: 'failed'; readonly exitCode: number | null; readonly output: string };

const PATIENCE = 10_000;
const END_PATIENCE = 1000;
const POLL = 2;
/**
 * A master only notes a signal that comes before ngx_master_process_cycle waits for one, and then sleeps until the
 * next: so it is told again.
 */
const INSIST = 250;
const SETPRIV = '/usr/bin/setpriv';

/**
 * Starts a real nginx in the foreground, as a child of this process, and waits until it accepts connections.
 * It ends with this process, however that ends: on exit and on signals by `keepForCleanUp`, and when this
 * process is killed outright by the kernel's parent-death signal, where `setpriv` is there to ask for it.
 */
export async function startNginx(start: NginxStart): Promise<Started> {
  start.signal?.throwIfAborted();
  const errorLog = start.errorLog ?? `${start.directory}/error.log`;
  const own = [
    '-p',
    start.directory,
    '-c',
    start.configPath,
    ...(knowsErrorLogOption(start.version ?? null) ? ['-e', errorLog] : []),
    '-g',
    `daemon off; ${start.globals ?? ''}`,
    ...(start.args ?? []),
  ];
  const [command, args] = existsSync(SETPRIV) ? [SETPRIV, ['--pdeathsig', 'TERM', '--', start.binary, ...own]] : [start.binary, own];
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.setEncoding('latin1').on('data', (text: string) => {
    output += text;
  });
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', (error) => {
      output += error.message;
      resolve();
    });
  });
  const release = keepForCleanUp(() => endNow(child));
  void closed.then(release);
  const { pid } = child;
  if (pid === undefined) {
    await closed;
    return { state: 'failed', exitCode: null, output };
  }

  const patience = start.patience ?? PATIENCE;
  const nginx: NginxInstance = {
    pid,
    output: () => output,
    isAlive: () => isAlive(child),
    reload: () => reload(pid, errorLog, patience),
    stop: () => stop(child, closed, patience),
  };
  try {
    const deadline = Date.now() + patience;
    while (!(await isReady(pid, start.ready))) {
      start.signal?.throwIfAborted();
      if (!isAlive(child)) {
        await closed;
        return { state: 'failed', exitCode: child.exitCode, output };
      }
      // nginx itself would try for another two and a half seconds.
      const givesUp = output.includes('Address already in use') || Date.now() > deadline;
      if (givesUp) {
        await nginx.stop();
        return {
          state: 'failed',
          exitCode: child.exitCode,
          output: output || `nothing accepts connections at ${JSON.stringify(start.ready)}`,
        };
      }
      await pause(POLL);
    }
    return { state: 'running', nginx };
  } catch (error) {
    await nginx.stop();
    throw error;
  }
}

function knowsErrorLogOption(version: string | null): boolean {
  const [major = 0, minor = 0, patch = 0] = version?.split('.').map(Number) ?? [2];
  return major > 1 || minor > 19 || (minor === 19 && patch >= 5);
}

/** A master forks its workers only after it has bound every address, so a port that somebody else holds doesn't deceive. */
async function isReady(pid: number, endpoints: readonly Endpoint[]): Promise<boolean> {
  const children = childrenOf(pid);
  // Without children to be seen (it just ended, or there is no /proc), only what accepts can tell.
  if (children === null ? endpoints.length === 0 : children.length === 0) return false;
  for (const endpoint of endpoints) if (!(await accepts(endpoint))) return false;
  return true;
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function accepts(endpoint: Endpoint): Promise<boolean> {
  const socket = createConnection(endpoint);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** The workers (and cache helpers) of a master; null where /proc doesn't tell. */
function childrenOf(pid: number): readonly number[] | null {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return null;
  }
}

async function reload(pid: number, errorLog: string, patience: number): Promise<boolean> {
  const old = childrenOf(pid) ?? [];
  const from = sizeOf(errorLog);
  process.kill(pid, 'SIGHUP');
  const deadline = Date.now() + patience;
  while (Date.now() < deadline) {
    const now = childrenOf(pid) ?? [];
    if (now.length > 0 && !now.some((worker) => old.includes(worker))) return true;
    // nginx keeps its old workers and says why at level emerg when the new configuration doesn't load.
    if (sizeOf(errorLog) > from && readFileSync(errorLog).subarray(from).includes('[emerg]')) return false;
    await pause(POLL);
  }
  return false;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * For the end of our own process, when nothing asynchronous runs any more: tells the master to go and sees it
 * gone, so that its folder can be removed without nginx still writing into it.
 */
function endNow(child: ChildProcess): void {
  if (!isAlive(child) || child.pid === undefined) return;
  const still = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; waited < END_PATIENCE && isRunning(child.pid); waited += POLL) {
    if (waited % INSIST === 0) child.kill('SIGTERM');
    Atomics.wait(still, 0, 0, POLL);
  }
}

/** Not gone, and not a zombie that only waits for its parent to take notice. */
function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

async function stop(child: ChildProcess, closed: Promise<void>, patience: number): Promise<void> {
  if (!isAlive(child) || child.pid === undefined) return closed;
  const workers = childrenOf(child.pid) ?? [];
  child.kill('SIGTERM');
  const insist = setInterval(() => child.kill('SIGTERM'), INSIST);
  const abort = new AbortController();
  const inTime = await Promise.race([closed.then(() => true), pause(patience, false, { signal: abort.signal }).catch(() => false)]);
  abort.abort();
  clearInterval(insist);
  if (inTime) return;
  // A master that is killed outright leaves its workers behind, so they go with it.
  child.kill('SIGKILL');
  for (const worker of workers) {
    try {
      process.kill(worker, 'SIGKILL');
    } catch {
      // Gone already.
    }
  }
  await closed;
}
