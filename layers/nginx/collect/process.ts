import { setTimeout as pause } from 'node:timers/promises';
import type { Identity } from '@why403/filesystem';
import { identityOfProcess, readAccounts, THIS_MACHINE, type View, viewOfProcess } from '@why403/filesystem/collect';
import type { Listener } from '@why403/terms/house';
import { type Build, DEBIAN, readBuild } from './build.ts';
import { type CommandLine, isNginx, readCommandLine, roleOf } from './command-line.ts';
import { resolveInView } from './view-files.ts';
import { childrenOf, mappedLibraries, type ProcessFacts, readProcess, readProcLink } from './proc.ts';

export interface Worker {
  readonly pid: number;
  readonly startedAt: number | null;
  /** Whether it only finishes its last requests, with the configuration from before a reload. */
  readonly isLeaving: boolean;
}

/** A running nginx as far as it could be seen. Paths are those of its own view. */
export interface NginxProcess {
  readonly view: View;
  readonly product: string;
  readonly version: string | null;
  readonly executable: string | null;
  /** Null when the executable can't be read. */
  readonly build: Build | null;
  readonly commandLine: CommandLine;
  readonly main: string;
  readonly prefix: string;
  /** Where it logs when the configuration doesn't say; may be `stderr`. */
  readonly errorLog: string;
  readonly master: { readonly pid: number; readonly uid: number; readonly startedAt: number | null };
  readonly workers: readonly Worker[];
  /** Who a worker really is; null when none could be seen. */
  readonly identity: Identity | null;
  /** When the workers in charge started, which is when their configuration was read; null when unknown. */
  readonly configuredAt: number | null;
  /** Shared objects that are loaded modules; null without the right to see them. */
  readonly loadedModules: readonly string[] | null;
  /** What could not be seen and what that leaves open. */
  readonly blind: readonly string[];
}

/** Looks at the process behind a listener. Null when it isn't an nginx. */
export async function examineProcess(listener: Listener): Promise<NginxProcess | null> {
  if (!isNginx(listener.executable, listener.argv)) return null;
  const blind: string[] = [];
  const master = masterOf(listener, blind);
  const view: View = listener.root === '' ? THIS_MACHINE : viewOfProcess(master.pid);
  const commandLine = readCommandLine(master.argv);
  const directory = readProcLink(master.pid, 'cwd') ?? listener.workingDirectory;
  const executable = executableOf(view, master, listener, commandLine, blind);
  const build = executable === null ? null : readBuildOf(view, master.pid, executable, blind);
  const workers = await workersOf(master);
  const { identity, userBlind } = await identityOfWorkers(view, master, workers);
  const paths = pathsOf(commandLine, build, directory, blind);
  const modules = mappedLibraries(workers[0]?.pid ?? master.pid);
  if (modules === null)
    blind.push('which modules are loaded could not be seen in its memory map; the load_module lines tell what should be');
  return {
    view,
    product: build?.product ?? 'nginx',
    version: build?.version ?? null,
    executable,
    build,
    commandLine,
    ...paths,
    master: { pid: master.pid, uid: master.uid, startedAt: master.startedAt },
    workers,
    identity,
    configuredAt: configuredAt(master, workers),
    loadedModules: modules?.filter((library) => /(?:^|\/)[^/]*_module[^/]*\.so/.test(library)) ?? null,
    blind: [...blind, ...userBlind],
  };
}

/** A worker's parent, or the listener itself: the master holds the sockets too. */
function masterOf(listener: Listener, blind: string[]): ProcessFacts {
  const itself = readProcess(listener.pid) ?? {
    pid: listener.pid,
    parent: 0,
    argv: listener.argv,
    uid: listener.uid,
    startedAt: listener.startedAt,
  };
  const role = roleOf(itself.argv);
  if (role === 'master' || role === 'single') return itself;
  const parent = readProcess(itself.parent);
  if (parent !== null && roleOf(parent.argv) === 'master') return parent;
  blind.push(`the master process of worker ${itself.pid} could not be found, so its options are unknown`);
  return itself;
}

/** The executable's path as the process sees it; the title of another user's process still says how it was called. */
function executableOf(view: View, master: ProcessFacts, listener: Listener, { program }: CommandLine, blind: string[]): string | null {
  const link = readProcLink(master.pid, 'exe') ?? listener.executable;
  if (link !== null) {
    if (link.endsWith(' (deleted)')) blind.push(`the running executable ${link.slice(0, -10)} was replaced or removed since it started`);
    return link.replace(/ \(deleted\)$/, '');
  }
  const called = program.startsWith('/') ? program : (USUAL_EXECUTABLES.find((path) => 'ok' in resolveInView(view, path)) ?? null);
  const taken = called === null ? '' : `; ${called} is taken to be it`;
  blind.push(`the executable of process ${master.pid} can't be seen without its rights${taken}`);
  return called;
}

function readBuildOf(view: View, pid: number, executable: string, blind: string[]): Build | null {
  // The link in /proc leads to the very file that runs, in any mount namespace, even when it was replaced.
  const build = readBuild(`/proc/${pid}/exe`) ?? readBuildIn(view, executable);
  if (build === null) blind.push(`how ${executable} was built could not be read from it: its default paths are taken to be Debian's`);
  return build;
}

function readBuildIn(view: View, executable: string): Build | null {
  const resolved = resolveInView(view, executable);
  return 'failure' in resolved ? null : readBuild(view.root + resolved.ok.real);
}

/** How often and how long to wait for a worker that was just forked to take its own title. */
const TRIES = 25;
const PAUSE = 10;

async function workersOf(master: ProcessFacts): Promise<readonly Worker[]> {
  for (let attempt = 1; ; attempt += 1) {
    const children = childrenOf(master.pid).map(({ pid, startedAt, argv }) => ({ pid, startedAt, role: roleOf(argv) }));
    // Until then it bears its master's; so does, for good, the new master of an upgrade on the fly.
    if (attempt < TRIES && children.some(({ role }) => role === 'master')) {
      await pause(PAUSE);
      continue;
    }
    return children
      .filter(({ role }) => role === 'worker' || role === 'leaving worker')
      .map(({ pid, startedAt, role }) => ({ pid, startedAt, isLeaving: role === 'leaving worker' }));
  }
}

async function identityOfWorkers(
  view: View,
  master: ProcessFacts,
  workers: readonly Worker[],
): Promise<{ identity: Identity | null; userBlind: readonly string[] }> {
  const { accounts, blind } = readAccounts(view);
  const current = workers.find((worker) => !worker.isLeaving) ?? workers[0];
  // With `master_process off` the one process does a worker's work.
  const pid = current?.pid ?? (roleOf(master.argv) === 'single' ? master.pid : null);
  const identity = pid === null ? null : await identityOfProcess(pid, accounts);
  if (identity !== null) return { identity, userBlind: blind };
  return { identity, userBlind: [...blind, 'no worker process could be seen, so whom it runs as is taken from the configuration'] };
}

/**
 * Workers are replaced at a reload; one that crashed is replaced later. So the oldest of those in charge
 * tells when the configuration was read.
 */
function configuredAt(master: ProcessFacts, workers: readonly Worker[]): number | null {
  if (roleOf(master.argv) === 'single') return master.startedAt;
  const starts = workers.flatMap((worker) => (worker.isLeaving || worker.startedAt === null ? [] : [worker.startedAt]));
  return starts.length === 0 ? null : Math.min(...starts);
}

/** Completes paths as ngx_process_options does: the prefix by the folder it was started in, the rest by the prefix. */
function pathsOf(
  line: CommandLine,
  build: Build | null,
  directory: string | null,
  blind: string[],
): { readonly main: string; readonly prefix: string; readonly errorLog: string } {
  const defaults = build ?? DEBIAN;
  const given = line.prefix === null || line.prefix.endsWith('/') ? line.prefix : `${line.prefix}/`;
  if (given !== null && !given.startsWith('/') && directory === null)
    blind.push(`the folder that it was started in is unknown, and its prefix ${given} is relative to that`);
  const prefix = given === null ? defaults.prefix : absolute(given, directory ?? '/');
  const errorLog = line.errorLog ?? defaults.errorLog;
  return {
    prefix,
    main: absolute(line.configuration ?? defaults.main, prefix),
    errorLog: errorLog === 'stderr' ? errorLog : absolute(errorLog, prefix),
  };
}

function absolute(path: string, folder: string): string {
  if (path.startsWith('/')) return path;
  return `${folder.endsWith('/') ? folder : `${folder}/`}${path}`;
}

const USUAL_EXECUTABLES = [
  '/usr/sbin/nginx',
  '/usr/local/openresty/nginx/sbin/nginx',
  '/usr/local/nginx/sbin/nginx',
  '/usr/local/sbin/nginx',
];

/** A configuration alone: what is known of the server when no process was looked at. */
export function assumeServer(
  view: View,
  main?: string,
): Pick<NginxProcess, 'build' | 'main' | 'prefix' | 'errorLog'> & { readonly assumed: readonly string[] } {
  const executable = USUAL_EXECUTABLES.find((path) => 'ok' in resolveInView(view, path));
  const build = executable === undefined ? null : readBuildIn(view, executable);
  const { prefix, errorLog, main: usual } = build ?? DEBIAN;
  const source = build === null || executable === undefined ? 'Debian’s layout' : `what ${executable} was built with`;
  return { build, main: main ?? usual, prefix, errorLog, assumed: [`paths that the configuration leaves out are taken from ${source}`] };
}
