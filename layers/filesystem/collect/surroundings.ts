import { gathered, unavailable } from '@why403/decision';
import type { Bag } from '@why403/decision';
import { canHoldAcls, mountOf } from '../index.ts';
import type { Denials, Encounter, Mount, Obstacles } from '../index.ts';
import { confirm, hasSetfacl } from './confirm.ts';
import type { Confirmation } from './confirm.ts';
import { gatherDenials } from './denials.ts';
import { gatherMounts, gatherSandbox, gatherUserNamespace } from './sandbox.ts';
import type { View } from './view.ts';

export interface Where {
  readonly view: View;
  /** A worker of the server, or null when none runs here. */
  readonly pid: number | null;
  /** Audit and kernel logs that were given by name. */
  readonly logs: readonly string[];
}

/**
 * Everything the causes of this house need, around what a server's house met: the kernel's own answer to each
 * refusal where it can be asked, whether an ACL can be set there, security modules, sandbox, mounts and user
 * namespace. What can't be had is unavailable with the reason; nothing is changed.
 */
export async function gatherSurroundings(obstacles: Obstacles, where: Where): Promise<Bag> {
  const { view, pid, logs } = where;
  return view.isCopy === true ? aroundCopy(obstacles, logs) : aroundServer(obstacles, pid, logs);
}

async function aroundServer(obstacles: Obstacles, pid: number | null, logs: readonly string[]): Promise<Bag> {
  const mounts = await gatherMounts(pid);
  return {
    'filesystem/obstacles': gathered({
      ...obstacles,
      encounters: await examineAll(obstacles, pid, mounts.state === 'gathered' ? mounts.value : null),
    }),
    'kernel/denials': await gatherDenials({ pid, window: obstacles.window, files: logs }),
    'kernel/mounts': mounts,
    'kernel/sandbox': pid === null ? unavailable(`its sandbox: ${NO_SERVER}`) : await gatherSandbox(pid, placesOf(obstacles)),
    'kernel/user-namespace': pid === null ? unavailable(`its user namespace: ${NO_SERVER}`) : await gatherUserNamespace(pid),
  };
}

const NO_SERVER = 'no running server was found to ask';
const NOT_TOLD = 'a copied tree does not tell it';

async function aroundCopy(obstacles: Obstacles, logs: readonly string[]): Promise<Bag> {
  const denials =
    logs.length === 0
      ? unavailable<Denials>('the audit or kernel log of that machine (--audit-log FILE)')
      : await gatherDenials({ pid: null, window: obstacles.window, files: logs });
  return {
    'filesystem/obstacles': gathered(obstacles),
    'kernel/denials': denials,
    'kernel/mounts': unavailable(`its mounts: ${NOT_TOLD}`),
    'kernel/sandbox': unavailable(`its sandbox: ${NOT_TOLD}`),
    'kernel/user-namespace': unavailable(`its user namespace: ${NOT_TOLD}`),
  };
}

function placesOf({ encounters }: Obstacles): readonly string[] {
  return encounters.flatMap((one) => (one.kind === 'obstacle' ? [one.path, one.obstacle.path] : [one.path]));
}

async function examineAll(obstacles: Obstacles, pid: number | null, mounts: readonly Mount[] | null): Promise<readonly Encounter[]> {
  const setfacl = await hasSetfacl();
  const examined: Encounter[] = [];
  for (const one of obstacles.encounters) examined.push(await examine(one, obstacles, pid, mounts, setfacl));
  return examined;
}

async function examine(
  encounter: Encounter,
  { identity }: Obstacles,
  pid: number | null,
  mounts: readonly Mount[] | null,
  setfacl: boolean,
): Promise<Encounter> {
  const at = encounter.kind === 'obstacle' ? encounter.obstacle.path : encounter.path;
  const acls = setfacl ? (encounter.acls ?? (mounts === null ? null : canHoldAcls(mountOf(mounts, at)))) : false;
  const asked = question(encounter);
  const answer: Confirmation = asked === null ? { state: 'unavailable', why: '' } : await confirm(identity, asked.path, asked.use, pid);
  if (answer.state === 'unavailable') return { ...encounter, acls };
  const agrees = answer.state === 'refused';
  return {
    ...encounter,
    acls,
    observed: [...encounter.observed, answer.evidence],
    // Where the kernel says otherwise, the tree changed meanwhile or something is not as it was read.
    weight: agrees ? encounter.weight : encounter.weight * 0.5,
  };
}

/** Only what bits and ACLs refuse is asked: the sandbox and labels of a service don't bind the process that asks. */
function question(encounter: Encounter): { readonly path: string; readonly use: 'search' | 'read' } | null {
  if (encounter.kind !== 'obstacle') return null;
  const { errno, needs, path, class: consulted } = encounter.obstacle;
  if (errno !== 'EACCES' || consulted === null) return null;
  return needs === 'search' || needs === 'read' ? { path, use: needs } : null;
}
