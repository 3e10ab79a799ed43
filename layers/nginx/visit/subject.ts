import type { Accounts, Identity } from '@why403/filesystem';
import { emptyTree, identityNamed, readAccounts, THIS_MACHINE, type View, viewOfCopy } from '@why403/filesystem/collect';
import type { SnapshotTree } from '@why403/filesystem';
import { Fault } from '@why403/terms/fault';
import type { Listener, Scene, Unseen } from '@why403/terms/house';
import { existsSync } from 'node:fs';
import type { Build } from '../collect/build.ts';
import { assumeServer, examineProcess, type NginxProcess } from '../collect/process.ts';
import { type Changed, type ConfigurationReading, readConfiguration } from '../collect/read-configuration.ts';
import { statInView } from '../collect/view-files.ts';
import { identityFromConfiguration } from '../collect/worker-identity.ts';
import type { Configuration } from '../model/syntax/index.ts';

/** The one nginx that a question is about: running here, or only its files. */
export interface Subject {
  readonly view: View;
  readonly tree: SnapshotTree;
  readonly accounts: Accounts;
  readonly configuration: Configuration;
  readonly times: readonly Changed[];
  readonly worker: Identity;
  /** Why it isn't known whom the worker runs as, or null: then nothing can be said about what it may open. */
  readonly workerDoubt: string | null;
  readonly build: Build | null;
  /** Where it logs when the configuration doesn't say. */
  readonly errorLog: string;
  /** Null when only files were given. */
  readonly process: NginxProcess | null;
  /** A binary that can be started here, and that was built like the one in question. */
  readonly binary: string | null;
  /** What could not be seen, and what was taken for granted instead. */
  readonly blind: readonly string[];
}

/** Finds the nginx that a scene is about; null when there is none. Throws a fault for files it can't read as nginx would. */
export async function findSubject(scene: Scene): Promise<Subject | Unseen | null> {
  const [file] = scene.flags.get('--nginx') ?? [];
  const [root] = scene.flags.get('--root') ?? [];
  const account = scene.question.as ?? null;
  if (file === undefined && root === undefined) return scene.listener === null ? null : fromProcess(scene.listener, account);
  const view = root === undefined ? THIS_MACHINE : viewOfCopy(root);
  if (file === undefined && !existsSync(`${view.root}${assumeServer(view).main}`)) return null;
  return fromFiles(view, file, account);
}

async function fromProcess(listener: Listener, account: string | null): Promise<Subject | Unseen | null> {
  const process = await examineProcess(listener);
  if (process === null) return null;
  const { view, main, prefix, build, errorLog } = process;
  const read = readConfiguration({ view, main, prefix });
  if (read.state === 'unreadable') return unseen(process, read);
  const { configuration, times } = orFault(read, ' The process that runs keeps what it read before.');
  const { blind, ...worker } = await workerOf(view, configuration, build, account, process.identity);
  const binary = process.executable === null ? null : `/proc/${process.master.pid}/exe`;
  const isReachable = view.root === '' && process.executable !== null && existsSync(process.executable);
  const files = { view, tree: emptyTree(view), configuration, times };
  return {
    ...files,
    ...worker,
    build,
    errorLog,
    process,
    binary: isReachable ? process.executable : binary,
    blind: [...process.blind, ...blind],
  };
}

async function fromFiles(view: View, file: string | undefined, account: string | null): Promise<Subject> {
  const inside = file === undefined ? undefined : insideOf(view, file);
  const { main, prefix, build, errorLog, assumed } = assumeServer(view, inside);
  if (inside !== undefined) checkIsFile(view, inside);
  const { configuration, times } = readOrFault(view, main, prefix);
  const { blind, ...worker } = await workerOf(view, configuration, build, account, null);
  const here = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/local/nginx/sbin/nginx'].find((path) => existsSync(path)) ?? null;
  const files = { view, tree: emptyTree(view), configuration, times };
  return { ...files, ...worker, build, errorLog, process: null, binary: here, blind: [...assumed, ...blind] };
}

/** nginx reads a pipe or device as an empty file; whoever names one here means what comes out of it. */
function checkIsFile(view: View, file: string): void {
  const stats = statInView(view, file);
  if (!('ok' in stats) || stats.ok.isFile() || stats.ok.isDirectory()) return;
  throw new Fault('file/unreadable', `${file} is a device or pipe, and a file is needed`, {
    where: { in: '--nginx' },
    hint: 'Save what comes out of it to a file, and name that.',
  });
}

/** `--nginx` may name the file as seen from here or as the other machine would. */
function insideOf(view: View, file: string): string {
  if (view.root === '') return file.startsWith('/') ? file : `${process.cwd()}/${file}`;
  const absolute = file.startsWith('/') ? file : `${process.cwd()}/${file}`;
  if (absolute.startsWith(`${absoluteRoot(view)}/`)) return absolute.slice(absoluteRoot(view).length);
  return file.startsWith('/') ? file : `/${file}`;
}

function absoluteRoot(view: View): string {
  return view.root.startsWith('/') ? view.root : `${process.cwd()}/${view.root}`;
}

/** The server is there, and this account may not read what decides: the answer to the request is still worth having. */
function unseen(
  { main, master, blind }: NginxProcess,
  { path, code, why }: Extract<ConfigurationReading, { state: 'unreadable' }>,
): Unseen {
  const as = code === 'EACCES' ? 'as root, or as an account that may read it' : 'again once the file can be read';
  return {
    product: 'nginx',
    unseen: [
      `nginx (process ${master.pid}) answers here by ${main}, which can't be read (${path}: ${why}): which of its rules decides is unknown`,
      ...blind,
    ],
    settle: `a run ${as}, or a copy of the configuration named with --nginx FILE`,
  };
}

function readOrFault(
  view: View,
  main: string,
  prefix: string,
): { readonly configuration: Configuration; readonly times: readonly Changed[] } {
  const tree = view.root === '' || view.root.startsWith('/proc/') ? 'whole' : 'partial';
  return orFault(readConfiguration({ view, main, prefix, tree }), '');
}

function orFault(reading: ConfigurationReading, remark: string): Extract<ConfigurationReading, { state: 'read' }> {
  switch (reading.state) {
    case 'read':
      return reading;
    case 'invalid': {
      const { message, place } = reading.error;
      throw new Fault(
        message.startsWith('cyclic include') ? 'config/include-cycle' : 'config/syntax',
        `nginx would not start with this configuration: ${message}`,
        {
          where: { in: place.file, line: place.line, column: place.column },
          hint: `Mend the file at that place; nginx -t says the same.${remark}`,
        },
      );
    }
    case 'unreadable':
      throw new Fault(
        reading.code === 'ENOENT' ? 'file/missing' : 'file/unreadable',
        `the nginx configuration ${reading.path} can't be read: ${reading.why}`,
        {
          where: { in: reading.path },
          hint:
            reading.code === 'EACCES'
              ? 'Run why403 as root, or as someone who may read it.'
              : 'Name the main configuration file with --nginx FILE, below --root if that is given.',
        },
      );
  }
}

async function workerOf(
  view: View,
  configuration: Configuration,
  build: Build | null,
  account: string | null,
  seen: Identity | null,
): Promise<{ worker: Identity; workerDoubt: string | null; accounts: Accounts; blind: readonly string[] }> {
  const { accounts, blind } = readAccounts(view);
  if (account !== null) {
    const named = await identityNamed(view, accounts, account);
    if (named !== null) return { worker: named, workerDoubt: null, accounts, blind };
    throw new Fault('usage/value-invalid', `no account of ${view.name} is called ${account}`, {
      where: { in: '--as' },
      hint: 'Name an account of the machine in question.',
    });
  }
  if (seen !== null) return { worker: seen, workerDoubt: null, accounts, blind };
  const assumed = await identityFromConfiguration(view, configuration, build ?? { user: 'nobody', group: null });
  const nobody: Identity = { user: 'an unknown account', uid: 65_534, gid: 65_534, groups: [] };
  return {
    worker: assumed.identity ?? nobody,
    workerDoubt: assumed.identity === null ? assumed.says : null,
    accounts,
    blind: [...blind, assumed.says],
  };
}
