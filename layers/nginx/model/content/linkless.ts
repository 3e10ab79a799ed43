import { access, type Entry, type Errno, type FileTree, type Identity, type Obstacle } from '@why403/filesystem';

export interface LinklessOptions {
  readonly mode: 'on' | 'if_not_owner';
  /** How much of the path is opened with links followed: `from=`. */
  readonly trusted: number;
  /** Links to pass over as if they were allowed. */
  readonly isSkipped: (component: string) => boolean;
}

export type Linkless =
  | { readonly state: 'reached'; readonly entry: Entry; readonly real: string }
  | { readonly state: 'obstacle'; readonly obstacle: Obstacle }
  | { readonly state: 'symlink'; readonly component: string; readonly ownerMismatch: boolean; readonly errno: Errno }
  | { readonly state: 'unknown'; readonly missing: string };

/**
 * ngx_open_file_wrapper with disable_symlinks: component by component with openat, the last one opened for
 * reading even when nginx only tests it. With `on`, a linked directory is ENOTDIR (O_PATH, O_DIRECTORY and
 * O_NOFOLLOW together), a linked file ELOOP; with `if_not_owner` either is ELOOP when the owners differ.
 */
export function walkLinkless(tree: FileTree, worker: Identity, path: string, options: LinklessOptions): Linkless {
  let at = path.slice(0, options.trusted);
  const names = path
    .slice(options.trusted)
    .split('/')
    .filter((name) => name !== '');
  const isSlashed = path.endsWith('/');
  for (const [index, name] of names.entries()) {
    at = `${at}/${name}`;
    const isLast = index === names.length - 1 && !isSlashed;
    const link = access(tree, worker, at, 'lstat');
    if (link.verdict === 'unknown') return { state: 'unknown', missing: link.missing };
    if (link.verdict === 'refused') return { state: 'obstacle', obstacle: link.obstacle };
    if (link.entry.type === 'symlink' && !options.isSkipped(at)) {
      if (options.mode === 'on') return { state: 'symlink', component: at, ownerMismatch: false, errno: isLast ? 'ELOOP' : 'ENOTDIR' };
      const target = access(tree, worker, at, isLast ? 'read' : 'stat');
      if (target.verdict === 'unknown') return { state: 'unknown', missing: target.missing };
      if (target.verdict === 'refused') return { state: 'obstacle', obstacle: target.obstacle };
      if (!isLast && target.entry.type !== 'directory') return notDirectory(at, target.entry);
      if (target.entry.uid !== link.entry.uid) return { state: 'symlink', component: at, ownerMismatch: true, errno: 'ELOOP' };
    } else if (!isLast && link.entry.type !== 'directory' && link.entry.type !== 'symlink') return notDirectory(at, link.entry);
  }
  const last = at === '' ? '/' : at;
  if (isSlashed) {
    // A path with a closing slash ends with openat(directory, "."), which searches the directory itself.
    const entered = access(tree, worker, last, 'search');
    if (entered.verdict === 'unknown') return { state: 'unknown', missing: entered.missing };
    if (entered.verdict === 'refused') return { state: 'obstacle', obstacle: entered.obstacle };
  }
  const opened = access(tree, worker, last, 'read');
  if (opened.verdict === 'granted') return { state: 'reached', entry: opened.entry, real: opened.real };
  return opened.verdict === 'unknown' ? { state: 'unknown', missing: opened.missing } : { state: 'obstacle', obstacle: opened.obstacle };
}

function notDirectory(path: string, entry: Entry): Linkless {
  return { state: 'obstacle', obstacle: { errno: 'ENOTDIR', path, entry, needs: null, class: null } };
}
