import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { CellChange, Proof } from '@why403/terms/house';
import type { ArmSpec } from './arm.ts';
import { type Command, readCommand } from './command.ts';
import { execute } from './execute.ts';
import { Experiment, type Outcome } from './experiment.ts';
import { patch, type Patched } from './patch.ts';
import { changeOf, isPassing, isRefusal, NO_CONTROL, proveByModel } from './prove-by-model.ts';
import type { Trial } from './trial.ts';
import { makePassage, openWorkspace } from './workspace.ts';

type FileCommand = Extract<Command, { kind: 'files' }>;

/**
 * Tries a fix on a private copy of the server: refused before, passing after, and every neighboring request
 * that changed. Nothing of the real server is touched; when no copy can stand for it, the model is asked
 * instead and the proof says why.
 *
 * @throws the signal's reason when it is aborted; the copy is gone then.
 */
export async function prove(trial: Trial): Promise<Proof> {
  trial.signal.throwIfAborted();
  const commands: FileCommand[] = [];
  for (const step of trial.steps) {
    if (step.kind === 'manual') return proveByModel(trial, `a step is to be done by hand: ${step.text}`, 'not-understood');
    if (step.kind !== 'command') continue;
    const command = readCommand(step.argv);
    if (command.kind === 'refused') return proveByModel(trial, command.why, 'not-understood');
    if (command.kind === 'files') commands.push(command);
  }
  const { server } = trial;
  if (server.binary === null) return proveByModel(trial, 'there is no nginx here to run a copy with', 'understood');
  const patched = patch(server.configuration, trial.steps);
  if ('problem' in patched) return proveByModel(trial, patched.problem, 'not-understood');
  const user = await workerAccount(trial);
  if ('why' in user) return proveByModel(trial, user.why, 'understood');
  const result = await onCopies(trial, patched.ok, commands, user.words);
  return 'why' in result ? proveByModel(trial, result.why, 'understood') : result;
}

/** What `user` the copy needs so that its worker is the real one; a copy run by an ordinary user has no choice. */
async function workerAccount(trial: Trial): Promise<{ readonly words: ArmSpec['user'] } | { readonly why: string }> {
  if (process.getuid?.() !== 0) return { words: undefined };
  const { worker, root, isMasterRoot } = trial.server;
  const name = trial.question.as ?? worker.user;
  if (root !== '') {
    const here = await execute(['id', '-u', '--', name], { signal: trial.signal });
    if (here.stdout.trim() !== String(worker.uid)) return { why: `the server's account ${name} has another number on this machine` };
  }
  // A master that isn't root ignores `user` and keeps the account it was started with.
  if (trial.question.as === undefined && isMasterRoot) return { words: null };
  // Without a second word nginx takes the group that is called like the user, which need not be there.
  const group = await execute(['id', '-gn', '--', name], { signal: trial.signal });
  return group.code === 0 ? { words: [name, group.stdout.trim()] } : { why: `there is no account ${name} on this machine` };
}

async function onCopies(
  trial: Trial,
  patched: Patched,
  commands: readonly FileCommand[],
  user: ArmSpec['user'],
): Promise<Proof | { readonly why: string }> {
  const workspace = openWorkspace(trial.server.worker);
  // Also ends what is being asked when something else fails.
  const stop = new AbortController();
  const signal = AbortSignal.any([trial.signal, stop.signal]);
  // Nobody else can list the workspace, so nobody else finds what lies under this name.
  const directory = join(workspace.directory, randomBytes(4).toString('hex'));
  makePassage(directory);
  const experiment = new Experiment({ ...trial, signal }, { patched, commands, user, directory });
  try {
    const outcome = await experiment.run();
    if ('why' in outcome) return outcome;
    return 'refused' in outcome ? refuted(trial, outcome.refused) : judge(trial, outcome);
  } finally {
    stop.abort();
    await experiment.stop();
    workspace.remove();
  }
}

/** The changed server doesn't even start, so there is nothing to ask. */
function refuted(trial: Trial, how: string): Proof {
  return {
    status: 'refuted',
    by: 'server',
    how: `${copyOf(trial)}: ${how}`,
    before: trial.observed,
    after: null,
    collateral: { checked: 0, changed: [] },
  };
}

function judge(trial: Trial, outcome: Outcome): Proof | { readonly why: string } {
  const [before = null] = outcome.before;
  const [after = null] = outcome.after;
  if (before === null) return { why: `a copy could not be asked: ${outcome.notes.join('; ') || 'it gave no answer'}` };
  if (trial.observed !== null && before.status !== trial.observed) {
    return { why: `a copy answers ${before.status} where the server answered ${trial.observed}, so it can't stand for it` };
  }
  const hidden = isPassing(before.status) ? (trial.predict(trial.question, []).masks ?? null) : null;
  if (isPassing(before.status) && hidden === null) return { why: `a copy does not refuse (${before.status})` };
  const changed: CellChange[] = [];
  let checked = 0;
  let hasControl = false;
  for (const [at, cell] of trial.cells.entries()) {
    const was = outcome.before[at + 1]?.status ?? null;
    const is = outcome.after[at + 1]?.status ?? null;
    if (was === null || is === null) continue;
    checked += 1;
    if (was !== is) changed.push(changeOf(cell, trial, was, is));
    if (isRefusal(was) && isRefusal(is)) hasControl = true;
  }
  // Through to what is behind is as far as this server's fix can get a request.
  const isThrough = isPassing(after?.status ?? null) || (after?.isStub === true && !before.isStub);
  // Where a refusal is shown as a success, only the model tells the one from the other.
  const isLetThrough = isThrough && (hidden === null || (trial.predict(trial.question, trial.steps).masks ?? null) === null);
  const notes = [
    ...outcome.notes,
    ...(hidden === null ? [] : [`that the ${before.status} hides a ${hidden} is the model's word`]),
    ...(hasControl ? [] : [NO_CONTROL]),
  ];
  return {
    status: isLetThrough ? 'proven' : 'refuted',
    by: 'server',
    how: [copyOf(trial), ...notes].join('; '),
    before: before.status,
    after: after?.status ?? null,
    collateral: { checked, changed },
  };
}

function copyOf(trial: Trial): string {
  return `nginx${trial.server.version === null ? '' : ` ${trial.server.version}`} on a private copy`;
}
