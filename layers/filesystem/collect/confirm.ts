import type { Evidence } from '@why403/decision';
import { access as mayAccess, constants, readlink } from 'node:fs/promises';
import type { Identity, Use } from '../index.ts';
import { run } from './run.ts';

/** What the kernel itself answers to an identity, by a process that takes on its numbers. */
export type Confirmation =
  | { readonly state: 'granted' | 'refused'; readonly evidence: Evidence }
  | { readonly state: 'unavailable'; readonly why: string };

/** test(1) asks access(2) with the effective ids, so the kernel decides and nothing is opened. */
const TESTS: Readonly<Record<Use, string>> = { stat: '-e', lstat: '-L', read: '-r', list: '-r', search: '-x' };

/**
 * Asks the kernel, as root, whether `identity` may use `path` in the view of process `pid` (our own for null).
 * Nothing is opened, read or changed. `lstat` of something that is no link can't be asked this way.
 */
export async function confirm(identity: Identity, path: string, use: Exclude<Use, 'lstat'>, pid: number | null): Promise<Confirmation> {
  if (process.getuid?.() !== 0) return { state: 'unavailable', why: 'only root can take on the numbers of another account' };
  if (identity.bypassWithin !== undefined || (identity.bypass === true && identity.uid !== 0))
    return { state: 'unavailable', why: 'its capabilities can not be taken on' };
  const argv = [...(await enter(pid)), ...become(identity), 'test', TESTS[use], path];
  const [program = '', ...args] = argv;
  const ended = await run(program, args);
  if (ended.isMissing) return { state: 'unavailable', why: `${program} is not installed (package util-linux)` };
  // setpriv ends with 127 when it can't do its part, nsenter with 1 and a word about it.
  if (ended.stderr !== '' || (ended.code !== 0 && ended.code !== 1)) {
    return { state: 'unavailable', why: `${program} could not do it: ${ended.stderr.trim().slice(0, 200)}` };
  }
  const granted = ended.code === 0;
  const says = `The kernel itself ${granted ? 'lets' : 'does not let'} uid ${identity.uid} ${verb(use)} ${path}.`;
  return {
    state: granted ? 'granted' : 'refused',
    evidence: { kind: 'probe', file: path, text: argv.join(' '), says, audience: 'operator' },
  };
}

function verb(use: Use): string {
  switch (use) {
    case 'read':
      return 'read';
    case 'list':
      return 'list';
    case 'search':
      return 'enter';
    case 'stat':
    case 'lstat':
      return 'reach';
  }
}

/** Into the process's mount namespace, but only when it is another: nsenter needs its tools to be there too. */
async function enter(pid: number | null): Promise<readonly string[]> {
  if (pid === null) return [];
  const [theirs, ours] = await Promise.all([mountNamespace(String(pid)), mountNamespace('self')]);
  return theirs === ours ? [] : ['nsenter', '-t', String(pid), '-m', '--'];
}

async function mountNamespace(pid: string): Promise<string | null> {
  try {
    return await readlink(`/proc/${pid}/ns/mnt`);
  } catch {
    return null; // the process is gone: then nsenter says so
  }
}

function become(identity: Identity): readonly string[] {
  const groups = identity.groups.length === 0 ? '--clear-groups' : `--groups=${identity.groups.join(',')}`;
  const caps = (identity.bypass ?? identity.uid === 0) ? [] : ['--inh-caps=-all', '--bounding-set=-all'];
  return ['setpriv', `--reuid=${identity.uid}`, `--regid=${identity.gid}`, groups, ...caps];
}

/** Whether setfacl is here, without which an ACL can't be proposed. */
export async function hasSetfacl(): Promise<boolean> {
  for (const directory of (process.env['PATH'] ?? '/usr/bin:/bin').split(':')) {
    try {
      await mayAccess(`${directory}/setfacl`, constants.X_OK);
      return true;
    } catch {
      // not in this directory of the search path
    }
  }
  return false;
}
