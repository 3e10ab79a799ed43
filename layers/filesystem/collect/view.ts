import { readFileSync } from 'node:fs';
import { access, joined, nameOf, parentOf, SnapshotTree, tidied } from '../index.ts';
import type { Identity } from '../index.ts';

/** One view of a file system: this machine's own, a process's, or a copied tree. */
export interface View {
  /** Empty, `/proc/PID/root`, or the folder of a copied tree; without a trailing slash. */
  readonly root: string;
  /** What the reader should call it: `this machine`, `process 812`, `the copy in /mnt/web1`. */
  readonly name: string;
  /** Whether it is a copy: its own folder stands for the origin's `/` and has a mode of the copier's making. */
  readonly isCopy?: boolean;
}

export const THIS_MACHINE: View = { root: '', name: 'this machine' };

export function viewOfProcess(pid: number): View {
  return { root: `/proc/${pid}/root`, name: `process ${pid}` };
}

export function viewOfCopy(directory: string): View {
  return { root: directory === '/' ? '' : directory.replace(/\/+$/, ''), name: `the copy in ${directory}`, isCopy: true };
}

/** An empty tree for a view, with the settings of the kernel that serves it. A copy doesn't tell its kernel's. */
export function emptyTree(view: View): SnapshotTree {
  if (view.isCopy === true) return new SnapshotTree();
  try {
    return new SnapshotTree(readFileSync('/proc/sys/fs/protected_symlinks', 'utf8').trim() !== '0');
  } catch {
    return new SnapshotTree(); // another kernel than Linux, or /proc isn't mounted: the setting stays unknown
  }
}

/** Where a path of the view really lies for us. Only sound when no component above its last is a link. */
export function outside(view: View, path: string): string {
  const under = `${view.root}${tidied(path)}`;
  return under === '' ? '/' : under;
}

/** Finding a file doesn't depend on the reader's rights in the model: what we may not see comes back as unseen. */
const ANYONE: Identity = { user: 'root', uid: 0, gid: 0, groups: [], bypass: true };

/**
 * Where the path lies in the view once every link above its last component is resolved inside the view: an
 * absolute link in a copied tree or in another process's tree must never lead to our own files. Null while the
 * way there is not known; the tree then wants it.
 */
export function resolvedParent(tree: SnapshotTree, path: string): string | null {
  const tidy = tidied(path);
  if (tidy === '/') return '/';
  const way = access(tree, ANYONE, parentOf(tidy), 'stat');
  return way.verdict === 'granted' ? joined(way.real, nameOf(tidy)) : null;
}

/** As `resolvedParent`, with a link in the last place followed too. */
export function resolved(tree: SnapshotTree, path: string): string | null {
  const way = access(tree, ANYONE, path, 'stat');
  return way.verdict === 'granted' ? way.real : null;
}

/** Whether the path surely doesn't exist, or leads through something that is no directory. */
export function isSurelyAbsent(tree: SnapshotTree, path: string): boolean {
  return access(tree, ANYONE, path, 'lstat').verdict === 'refused';
}
