import type { Evidence, Remedy } from '@why403/decision';
import { access } from './access.ts';
import type { Encounter, Role } from './encounter.ts';
import { forbiddenLink } from './link-policy.ts';
import type { LinkPolicy } from './link-policy.ts';
import { canHoldAcls, mountOf } from './mounts.ts';
import type { Mount } from './mounts.ts';
import type { FileTree, Identity, Use } from './tree.ts';

/** One use of a path by a server, and what the server said of it. */
export interface Asked {
  readonly at: number;
  readonly path: string;
  readonly use: Use | 'execute';
  readonly role: Role;
  readonly weight?: number;
  readonly context?: readonly Evidence[];
  readonly observed?: readonly Evidence[];
  /** The errno that the server itself logged for this path, when it did. */
  readonly logged?: 'EACCES' | 'EPERM' | 'ENOENT' | 'EIO' | 'ESTALE';
  /** A rule of the server about links on this path, with what would lift it. */
  readonly links?: { readonly policy: LinkPolicy; readonly rule: Evidence; readonly remedies: readonly Remedy[] };
  readonly mounts?: readonly Mount[];
  readonly acls?: boolean | null;
}

export type Met =
  | { readonly state: 'refused'; readonly encounter: Encounter }
  | { readonly state: 'passed'; readonly real: string }
  | { readonly state: 'unknown'; readonly missing: string };

/**
 * What comes of it when the worker uses the path: the model's own refusal first, then the server's rule about
 * links, then what the server logged against the model's word.
 */
export function meet(tree: FileTree, identity: Identity, asked: Asked): Met {
  // Running a file needs search-like permission on it too; whether the mount allows it is the mounts' matter.
  const use = asked.use === 'execute' ? 'stat' : asked.use;
  const answer = access(tree, identity, asked.path, use);
  if (answer.verdict === 'unknown') return unknownOr(asked, answer.missing);
  const at = answer.verdict === 'refused' ? answer.obstacle.path : answer.real;
  const base = {
    at: asked.at,
    path: asked.path,
    use: asked.use,
    role: asked.role,
    weight: asked.weight ?? 1,
    context: asked.context ?? [],
    observed: asked.observed ?? [],
    acls: asked.acls ?? (asked.mounts === undefined ? null : canHoldAcls(mountOf(asked.mounts, at))),
  };
  if (answer.verdict === 'refused') return { state: 'refused', encounter: { ...base, kind: 'obstacle', obstacle: answer.obstacle } };
  if (asked.links !== undefined) {
    const forbidden = forbiddenLink(tree, identity, asked.path, asked.links.policy);
    if (forbidden.state === 'unknown') return { state: 'unknown', missing: forbidden.missing };
    if (forbidden.state === 'found') {
      return { state: 'refused', encounter: { ...base, kind: 'link-policy', ...asked.links, link: forbidden.link } };
    }
  }
  const { real, entry } = answer;
  if (asked.logged !== undefined) return { state: 'refused', encounter: { ...base, kind: 'unexplained', errno: asked.logged, real } };
  if (use === 'read' && entry.type !== 'file' && entry.type !== 'directory') {
    return { state: 'refused', encounter: { ...base, kind: 'file-type', real, entry } };
  }
  return { state: 'passed', real };
}

/** Even where the tree is unseen, the server's own log tells that it was refused there: the kernel's records may say why. */
function unknownOr(asked: Asked, missing: string): Met {
  if (asked.logged === undefined) return { state: 'unknown', missing };
  const { at, path, use, role, logged } = asked;
  const base = { at, path, use, role, weight: asked.weight ?? 1, context: asked.context ?? [], observed: asked.observed ?? [], acls: null };
  return { state: 'refused', encounter: { ...base, kind: 'unexplained', errno: logged, real: path } };
}

/** Puts the answers to several uses together, in the server's order, as evidence for the causes. */
export function metAll(
  tree: FileTree,
  identity: Identity,
  asked: readonly Asked[],
): {
  readonly encounters: readonly Encounter[];
  readonly touched: readonly { at: number; path: string; real: string | null }[];
  readonly missing: readonly string[];
} {
  const answers = asked.map((one) => ({ one, met: meet(tree, identity, one) }));
  return {
    encounters: answers.flatMap(({ met }) => (met.state === 'refused' ? [met.encounter] : [])),
    touched: answers.map(({ one, met }) => ({ at: one.at, path: one.path, real: met.state === 'passed' ? met.real : null })),
    missing: answers.flatMap(({ met }) => (met.state === 'unknown' ? [met.missing] : [])),
  };
}
