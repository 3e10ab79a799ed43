import { byteLength, joined, NAME_MAX, parentOf, PATH_MAX } from './path.ts';
import { permit, READ, SEARCH } from './permission.ts';
import type { Access, Entry, Errno, FileTree, Identity, Link, Obstacle, PermissionClass, Use } from './tree.ts';

/** MAXSYMLINKS of linux/namei.h: the 41st link of one resolution fails. */
const MAX_LINKS = 40;

interface Walk {
  readonly tree: FileTree;
  readonly identity: Identity;
  /** Components still to walk, nearest last. */
  readonly ahead: Component[];
  readonly links: Link[];
  /** The resolved directory (or, at the end, file) reached so far. */
  at: string;
  entry: Entry;
}

interface Component {
  readonly name: string;
  /** Whether it is the last of the path asked for, or of the target of a link that is. */
  readonly trailing: boolean;
  /** Whether slashes follow, which demand a directory and follow a link even for `lstat`. */
  readonly slashed: boolean;
}

type Stop = Extract<Access, { verdict: 'refused' | 'unknown' }>;

/**
 * What the kernel answers when `identity` uses `path`, following path_resolution(7) and fs/namei.c component
 * by component. `path` is absolute, as the server's process sees it. The answer names the first component
 * that refuses; what the tree has not seen makes it unknown, never granted.
 */
export function access(tree: FileTree, identity: Identity, path: string, use: Use): Access {
  if (path === '') return { verdict: 'refused', obstacle: bare('ENOENT', '', null, []) };
  if (!path.startsWith('/')) {
    return { verdict: 'unknown', missing: `the working directory that the relative path ${path} starts from` };
  }
  // getname() refuses before any component is looked at; the limit counts the closing NUL.
  if (byteLength(path) >= PATH_MAX) return { verdict: 'refused', obstacle: bare('ENAMETOOLONG', path, null, []) };

  const root = tree.look('/');
  const ahead = componentsOf(path, true);
  if (root.state === 'unseen') glanceAhead(tree, ahead, '/');
  if (root.state !== 'present') return { verdict: 'unknown', missing: unseen('/', root.state === 'unseen' ? root.why : 'it is gone') };
  const walk: Walk = { tree, identity, ahead, links: [], at: '/', entry: root.entry };
  for (let next = walk.ahead.pop(); next !== undefined; next = walk.ahead.pop()) {
    const stop = step(walk, next, use);
    if (stop !== null) return stop;
  }
  return use === 'stat' || use === 'lstat' ? granted(walk) : finish(walk, use);
}

/** Takes one component; null when the walk goes on. */
function step(walk: Walk, next: Component, use: Use): Stop | null {
  if (walk.entry.type !== 'directory') return refused(walk, 'ENOTDIR', walk.at, walk.entry);
  // may_lookup() comes first for every component, `.` and `..` included.
  const may = permit(walk.entry, walk.identity, SEARCH);
  if (may.verdict === 'unknown') return { verdict: 'unknown', missing: `${walk.at}: ${may.missing}` };
  if (may.verdict === 'refused') return denied(walk, 'search', may.class);

  if (next.name === '.') return null;
  if (next.name === '..') return enter(walk, parentOf(walk.at));
  const path = joined(walk.at, next.name);
  // The file system itself refuses the name, so only after the directory's search bit was asked.
  if (byteLength(next.name) > NAME_MAX) return refused(walk, 'ENAMETOOLONG', path, null);

  const look = walk.tree.look(path);
  if (look.state === 'unseen') {
    glanceAhead(walk.tree, walk.ahead, path);
    return { verdict: 'unknown', missing: unseen(path, look.why) };
  }
  if (look.state === 'absent') return refused(walk, 'ENOENT', path, null);
  if (look.entry.type === 'symlink' && (!next.trailing || next.slashed || use !== 'lstat')) {
    return follow(walk, path, look.entry, next);
  }
  walk.at = path;
  walk.entry = look.entry;
  if (next.slashed && look.entry.type !== 'directory') return refused(walk, 'ENOTDIR', path, look.entry);
  return null;
}

/** Asks for the rest of the way too, so that a collector need not come back for every single component. */
function glanceAhead(tree: FileTree, ahead: readonly Component[], from: string): void {
  let path = from;
  for (const { name } of ahead.toReversed()) {
    if (name === '.' || name === '..' || byteLength(name) > NAME_MAX) return;
    path = joined(path, name);
    tree.look(path);
  }
}

function follow(walk: Walk, path: string, entry: Entry, from: Component): Stop | null {
  if (walk.links.length >= MAX_LINKS) return refused(walk, 'ELOOP', path, entry);
  if (entry.target === undefined) return { verdict: 'unknown', missing: unseen(path, 'where the link points could not be read') };
  if (from.trailing) {
    const stop = mayFollow(walk, path, entry);
    if (stop !== null) return stop;
  }
  walk.links.push({ path, target: entry.target });
  if (entry.target === '') return refused(walk, 'ENOENT', path, entry);
  walk.ahead.push(...componentsOf(entry.target, from.trailing, from.slashed));
  return entry.target.startsWith('/') ? enter(walk, '/') : null;
}

/**
 * may_follow_link(): with fs.protected_symlinks, the last link in a sticky directory that everybody may write
 * is followed only by its owner, or when it belongs to the directory's owner. Even root is bound by it.
 */
function mayFollow(walk: Walk, path: string, link: Entry): Stop | null {
  const parent = walk.entry;
  if (link.uid === walk.identity.uid || link.uid === parent.uid) return null;
  if ((parent.mode & 0o1002) !== 0o1002 || walk.tree.protectedSymlinks === false) return null;
  if (walk.tree.protectedSymlinks === true) return refused(walk, 'EACCES', path, link);
  return { verdict: 'unknown', missing: `whether sysctl fs.protected_symlinks is on, for the link ${path}` };
}

function enter(walk: Walk, path: string): Stop | null {
  const look = walk.tree.look(path);
  if (look.state !== 'present') return { verdict: 'unknown', missing: unseen(path, look.state === 'unseen' ? look.why : 'it is gone') };
  walk.at = path;
  walk.entry = look.entry;
  return null;
}

/** The final permission on the thing itself. */
function finish(walk: Walk, use: 'read' | 'list' | 'search'): Access {
  if (use !== 'read' && walk.entry.type !== 'directory') return refused(walk, 'ENOTDIR', walk.at, walk.entry);
  const may = permit(walk.entry, walk.identity, use === 'search' ? SEARCH : READ);
  if (may.verdict === 'unknown') return { verdict: 'unknown', missing: `${walk.at}: ${may.missing}` };
  if (may.verdict === 'refused') return denied(walk, use === 'search' ? 'search' : 'read', may.class);
  return granted(walk);
}

function componentsOf(path: string, trailing: boolean, slashed = false): Component[] {
  const names = path.split('/').filter((name) => name !== '');
  const last = names.length - 1;
  const ends = slashed || path.endsWith('/');
  return names.map((name, at) => ({ name, trailing: trailing && at === last, slashed: at === last && ends })).reverse();
}

function granted(walk: Walk): Access {
  return { verdict: 'granted', real: walk.at, entry: walk.entry, links: walk.links };
}

function refused(walk: Walk, errno: Errno, path: string, entry: Entry | null): Stop {
  return { verdict: 'refused', obstacle: bare(errno, path, entry, walk.links) };
}

function denied(walk: Walk, needs: 'search' | 'read', consulted: PermissionClass): Stop {
  const obstacle: Obstacle = { errno: 'EACCES', path: walk.at, entry: walk.entry, needs, class: consulted, links: walk.links };
  return { verdict: 'refused', obstacle };
}

function bare(errno: Errno, path: string, entry: Entry | null, links: readonly Link[]): Obstacle {
  return { errno, path, entry, needs: null, class: null, links };
}

function unseen(path: string, why: string): string {
  return `${path}: ${why}`;
}
