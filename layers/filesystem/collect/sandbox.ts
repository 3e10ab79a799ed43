import { gathered, unavailable } from '@why403/decision';
import type { Gathered } from '@why403/decision';
import { readlink } from 'node:fs/promises';
import { access, isIdentity, parseIdMap, parseMountinfo, parseUnitSettings, unitOfCgroup } from '../index.ts';
import type { FileTree, Identity, Mount, Sandbox, UnitSetting, UserNamespace } from '../index.ts';
import { run } from './run.ts';
import { surveyNames } from './survey.ts';
import { readEnd, readSmall } from './text-file.ts';
import { emptyTree, THIS_MACHINE } from './view.ts';

/** The mounts a process sees; our own for null. */
export async function gatherMounts(pid: number | null): Promise<Gathered<readonly Mount[]>> {
  const file = `/proc/${pid ?? 'self'}/mountinfo`;
  const text = await readSmall(file);
  return text === null ? unavailable(`the mounts of process ${pid ?? 'self'} (${file})`) : gathered(parseMountinfo(text));
}

/** How the ids of a process's user namespace map to ours. */
export async function gatherUserNamespace(pid: number): Promise<Gathered<UserNamespace>> {
  const [uids, gids] = await Promise.all([readSmall(`/proc/${pid}/uid_map`), readSmall(`/proc/${pid}/gid_map`)]);
  if (uids === null || gids === null) return unavailable(`the user namespace of process ${pid} (/proc/${pid}/uid_map)`);
  return gathered({ pid, uids: parseIdMap(uids), gids: parseIdMap(gids) });
}

/** Whether the process lives in a user namespace whose ids differ from ours. */
export async function hasOwnIds(pid: number): Promise<boolean> {
  const namespace = await gatherUserNamespace(pid);
  return namespace.state === 'gathered' && !(isIdentity(namespace.value.uids) && isIdentity(namespace.value.gids));
}

/**
 * How the process's view is narrowed, and whether `paths` exist outside of it. A process in our own mount
 * namespace sees what we see: its sandbox is empty whatever its unit says.
 */
export async function gatherSandbox(pid: number, paths: readonly string[]): Promise<Gathered<Sandbox>> {
  const [theirs, ours] = await Promise.all([namespaceOf(pid), namespaceOf('self')]);
  if (theirs === null || ours === null) {
    return unavailable(`the mount namespace of process ${pid}; run why403 as root to see it`, `ls -l /proc/${pid}/ns/mnt`);
  }
  const unit = unitOfCgroup((await readSmall(`/proc/${pid}/cgroup`)) ?? '');
  if (theirs === ours) return gathered({ pid, unit, settings: [], mounts: [], outside: null });
  const mounts = await gatherMounts(pid);
  return gathered({
    pid,
    unit,
    settings: unit === null ? null : await settingsOf(unit),
    mounts: mounts.state === 'gathered' ? mounts.value : [],
    outside: lookOutside(paths),
  });
}

async function namespaceOf(pid: number | 'self'): Promise<string | null> {
  try {
    return await readlink(`/proc/${pid}/ns/mnt`);
  } catch {
    return null; // another user's process, or one that is gone
  }
}

const ANYONE: Identity = { user: 'root', uid: 0, gid: 0, groups: [], bypass: true };

function lookOutside(paths: readonly string[]): FileTree {
  const tree = emptyTree(THIS_MACHINE);
  surveyNames(THIS_MACHINE, tree, () => paths.forEach((path) => access(tree, ANYONE, path, 'lstat')));
  return tree;
}

const NAMES = ['ProtectHome', 'PrivateTmp', 'InaccessiblePaths', 'TemporaryFileSystem', 'ProtectSystem', 'RootDirectory'];

/** The settings as the service manager holds them, each with the place in a unit file that sets it when one does. */
async function settingsOf(unit: string): Promise<readonly UnitSetting[] | null> {
  const shown = await run('systemctl', ['show', ...NAMES.flatMap((name) => ['-p', name]), '--', unit]);
  if (shown.code !== 0) return null;
  const where = await run('systemctl', ['show', '-p', 'FragmentPath', '-p', 'DropInPaths', '--', unit]);
  const files = where.stdout
    .split('\n')
    .flatMap((line) => line.slice(line.indexOf('=') + 1).split(' '))
    .filter((file) => file.startsWith('/'));
  return Promise.all(parseUnitSettings(shown.stdout).map((setting) => placed(setting, files)));
}

/** Drop-ins come after the unit itself and win: the last file that names the setting is its place. */
async function placed(setting: UnitSetting, files: readonly string[]): Promise<UnitSetting> {
  for (const file of files.toReversed()) {
    const read = await readEnd(file);
    if (read.state !== 'read') continue;
    const at = read.text.split('\n').findLastIndex((line) => line.trimStart().startsWith(`${setting.name}=`));
    if (at !== -1) return { ...setting, file, line: at + 1 };
  }
  return setting;
}
