import { access } from './access.ts';
import type { FileTree, Identity } from './tree.ts';

/** A server's own rule about links: none at all, or only those that belong to the owner of what they lead to. */
export type LinkPolicy = 'no-links' | 'same-owner';

export interface ForbiddenLink {
  readonly path: string;
  readonly target: string;
  readonly owner: number;
  /** The owner of where it leads; null when that isn't known or does not exist. */
  readonly targetOwner: number | null;
}

/**
 * The first link on the way of `path` that the policy forbids, or null.
 * Says `unknown` with the reason when the way can't be seen.
 */
export function forbiddenLink(
  tree: FileTree,
  identity: Identity,
  path: string,
  policy: LinkPolicy,
):
  | { readonly state: 'found'; readonly link: ForbiddenLink }
  | { readonly state: 'none' }
  | { readonly state: 'unknown'; readonly missing: string } {
  const way = access(tree, identity, path, 'stat');
  if (way.verdict === 'unknown') return { state: 'unknown', missing: way.missing };
  const links = way.verdict === 'granted' ? way.links : way.obstacle.links;
  for (const { path: at, target } of links ?? []) {
    const link = tree.look(at);
    if (link.state !== 'present') return { state: 'unknown', missing: `${at}: the link was not seen` };
    const end = access(tree, { ...identity, bypass: true }, at, 'stat');
    if (end.verdict === 'unknown') return { state: 'unknown', missing: end.missing };
    const targetOwner = end.verdict === 'granted' ? end.entry.uid : null;
    const found = { path: at, target, owner: link.entry.uid, targetOwner };
    if (policy === 'no-links' || (targetOwner !== null && targetOwner !== found.owner)) return { state: 'found', link: found };
  }
  return { state: 'none' };
}
