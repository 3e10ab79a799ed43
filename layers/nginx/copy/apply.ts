import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit, Step } from '@why403/decision';
import { applyEdits } from '@why403/terms/diff';
import type { Applied } from '@why403/terms/house';
import type { Configuration, SourceFile } from '../model/syntax/index.ts';
import { keepForCleanUp } from './clean-up.ts';
import { argvOf, type Command, readCommand } from './command.ts';
import { execute } from './execute.ts';
import { Journal } from './journal.ts';
import { isPassing } from './prove-by-model.ts';
import { reloadServer } from './reload.ts';
import { stateDirectory, takeLock } from './state-directory.ts';

/** The running server whose files a fix changes. Paths are those of its own view. */
export interface RunningServer {
  readonly configuration: Configuration;
  /** Empty, or `/proc/PID/root`. */
  readonly root: string;
  readonly executable: string;
  /** `-p`, `-g` and `-e` as the master was started with them; null when it wasn't. */
  readonly prefix: string | null;
  readonly globals: string | null;
  readonly errorLog: string | null;
  readonly masterPid: number;
  /** Where its master logs. */
  readonly errorLogs: readonly string[];
}

export interface Application {
  readonly server: RunningServer;
  readonly steps: readonly Step[];
  /** Asks the real question again; null when no answer came. */
  ask(): Promise<number | null>;
  /** What the trial came to: a status that counts as success even if it is no 2xx or 3xx. */
  readonly expected: number | null;
  readonly now: () => number;
  /** Where backups and locks go; the usual place unless told. */
  readonly state?: string;
}

type FileCommand = Extract<Command, { kind: 'files' }>;

interface Work {
  readonly edits: readonly { readonly path: string; readonly content: Buffer }[];
  readonly commands: readonly FileCommand[];
  readonly needsReload: boolean;
}

/**
 * Does a fix on the real files: backup, `nginx -t`, reload, the question again. Takes everything back by itself
 * when the test fails, the server doesn't reload, or the request is still not let through.
 */
export async function apply(application: Application): Promise<Applied> {
  const { server } = application;
  const state = application.state ?? stateDirectory();
  const lock = takeLock(state, `${server.root}${server.configuration.main}`);
  if ('heldBy' in lock) return refused(`another why403 (process ${lock.heldBy}) is changing this server's files`);
  try {
    const work = prepare(application);
    if ('why' in work) return refused(work.why);
    const problem = await testConfiguration(server);
    if (problem !== null) return refused(`nginx -t fails already, before anything was changed: ${problem}`);
    const stamp = new Date(application.now()).toISOString().replace(/[-:]|\.\d+/g, '');
    return await carryOut(application, work, new Journal(join(state, 'backups', `${stamp}-${process.pid}`)));
  } finally {
    lock.release();
  }
}

function refused(says: string): Applied {
  return { status: 'refused', says, backups: [] };
}

/** Everything that can be known to be wrong is known before the first change. */
function prepare({ server, steps }: Application): Work | { readonly why: string } {
  const commands: FileCommand[] = [];
  let needsReload = false;
  for (const step of steps) {
    if (step.kind === 'manual') return { why: `a step can only be done by hand: ${step.text}` };
    if (step.kind !== 'command') continue;
    const command = readCommand(step.argv);
    if (command.kind === 'refused') return { why: command.why };
    if (command.kind === 'reload') needsReload = true;
    else commands.push(command);
  }
  const edits = steps.flatMap((step) => (step.kind === 'edit' ? step.edits : []));
  const files: { path: string; content: Buffer }[] = [];
  for (const name of new Set(edits.map((edit) => edit.file))) {
    const file = [...server.configuration.files.values()].find((one) => one.real === name);
    if (file === undefined) return { why: `${name} is not a file of this configuration` };
    const changed = changedFile(
      server,
      file,
      edits.filter((edit) => edit.file === name),
    );
    if ('why' in changed) return changed;
    files.push(changed);
  }
  if (files.length === 0 && commands.length === 0) return { why: 'the fix changes nothing' };
  return { edits: files, commands, needsReload: needsReload || files.length > 0 };
}

function changedFile(
  { root }: RunningServer,
  file: SourceFile,
  edits: readonly Edit[],
): { readonly path: string; readonly content: Buffer } | { readonly why: string } {
  const path = `${root}${file.real}`;
  try {
    const isThere = lstatSync(path).isFile() && readFileSync(path).equals(Buffer.from(file.text, file.encoding));
    if (!isThere) return { why: `${file.real} has changed since it was read, so the fix no longer fits it; diagnose again` };
    return { path, content: Buffer.from(applyEdits(file.text, edits), file.encoding) };
  } catch (error) {
    return { why: `${file.real} can't be changed: ${error instanceof Error ? error.message : String(error)}` };
  }
}

async function carryOut(application: Application, work: Work, journal: Journal): Promise<Applied> {
  const { server } = application;
  let hasReloaded = false;
  // Interrupted in the middle, the files go back, and the master is told to read them again.
  const forget = keepForCleanUp(() => {
    journal.undo();
    if (hasReloaded) process.kill(server.masterPid, 'SIGHUP');
  });
  const takeBack = async (why: string): Promise<Applied> => {
    const problems = [...journal.undo()];
    if (hasReloaded) {
      const back = await reload(server);
      if (!back.ok) problems.push(back.why);
    }
    const rest = problems.length === 0 ? 'everything is as it was before' : `not everything could be taken back: ${problems.join('; ')}`;
    return { status: 'undone', says: `${why}; ${rest}`, backups: journal.backups };
  };
  try {
    for (const { path, content } of work.edits) journal.replace(path, content);
    for (const command of work.commands) {
      for (const path of command.paths) journal.note(outside(server, path), command.isRecursive);
      const done = await execute(
        inside(
          server,
          argvOf(command, (path) => path),
        ),
      );
      if (done.code !== 0) return await takeBack(`${command.program} failed: ${done.stderr.trim().slice(0, 300)}`);
    }
    const problem = await testConfiguration(server);
    if (problem !== null) return await takeBack(`nginx -t refuses the change: ${problem}`);
    if (work.needsReload) {
      hasReloaded = true;
      const reloaded = await reload(server);
      if (!reloaded.ok) return await takeBack(reloaded.why);
    }
    const status = await application.ask();
    const isLetThrough = isPassing(status) || (status !== null && status === application.expected);
    if (!isLetThrough)
      return await takeBack(
        status === null ? 'after the change the server gave no answer' : `after the change the server answers ${status}`,
      );
    const kept = journal.backups.length === 0 ? '' : `; as it was before: ${journal.backups.join(', ')}`;
    return {
      status: 'applied',
      says: `applied${work.needsReload ? ' and reloaded' : ''}; the request is now answered ${status}${kept}`,
      backups: journal.backups,
    };
  } catch (error) {
    return await takeBack(`the change failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    forget();
  }
}

function reload({ masterPid, errorLogs, root }: RunningServer) {
  return reloadServer({ masterPid, errorLogs: errorLogs.map((path) => `${root}${path}`) });
}

/** nginx's own verdict on its files, with the options of the running master; null when it takes them. */
async function testConfiguration(server: RunningServer): Promise<string | null> {
  const { configuration, executable, prefix, globals, errorLog } = server;
  const option = (name: string, value: string | null): readonly string[] => (value === null ? [] : [name, value]);
  const argv = [
    executable,
    '-t',
    '-q',
    '-c',
    configuration.main,
    ...option('-p', prefix),
    ...option('-g', globals),
    ...option('-e', errorLog),
  ] as const;
  const tested = await execute(inside(server, [...argv]));
  if (tested.code === 0) return null;
  if (tested.code === null) return `it can't be run: ${tested.stderr.trim()}`;
  return (/\[emerg\] (?:\d+#\d+: )?(.*)/.exec(tested.stderr)?.[1] ?? tested.stderr.trim()).slice(0, 400);
}

/** A command line for the server's own view: as it is, or through nsenter(1) into the master's namespaces. */
function inside({ root, masterPid }: RunningServer, argv: [string, ...string[]]): [string, ...string[]] {
  return root === '' ? argv : ['nsenter', '-t', String(masterPid), '-a', '-r', '-w', '--', ...argv];
}

/** A path as it is reached from here. In another view, links on the way must not lead into our own. */
function outside({ root }: RunningServer, path: string): string {
  if (root === '') return path;
  const parts = path.split('/').filter((part) => part !== '');
  // Not its real path: /proc/PID/root claims to lead to `/`, and is another one's.
  let at = root;
  for (const part of parts) {
    const next = `${at}/${part}`;
    if (lstatSync(next, { throwIfNoEntry: false })?.isSymbolicLink())
      throw new Error(`${path} leads through the link ${next.slice(root.length)}; name the file itself`);
    at = next;
  }
  return `${root}${path}`;
}
