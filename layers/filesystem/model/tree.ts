/** Who opens the file: a server's worker with its real numbers. */
export interface Identity {
  readonly user: string;
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups; `gid` may or may not be among them. */
  readonly groups: readonly number[];
}

/** One entry of a POSIX access ACL. `permissions` has read 4, write 2, search 1. */
export interface AclEntry {
  readonly tag: 'user-owner' | 'user' | 'group-owner' | 'group' | 'mask' | 'other';
  /** The uid or gid of a named entry. */
  readonly id?: number;
  readonly permissions: number;
}

export interface Entry {
  readonly type: 'file' | 'directory' | 'symlink' | 'fifo' | 'socket' | 'character' | 'block';
  /** The permission bits, 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** The access ACL beyond the mode bits; null when there is none; `unread` when it exists but could not be read. */
  readonly acl: readonly AclEntry[] | null | 'unread';
  /** Where a symbolic link points, as written. */
  readonly target?: string;
}

export type Look =
  | { readonly state: 'present'; readonly entry: Entry }
  | { readonly state: 'absent' }
  | { readonly state: 'unseen'; readonly why: string };

/**
 * What is known of a file tree, without following links: absolute POSIX paths as the server sees them.
 * A path nobody has looked at is `unseen`; a tree may note it so that a collector can go and look.
 */
export interface FileTree {
  look(path: string): Look;
  /** Names in a directory without `.` and `..`, or null when the listing is unseen. */
  list(directory: string): readonly string[] | null;
  /** Text of a small file such as a password file (redacted where it must be), or null when unseen. */
  read(path: string): string | null;
}

export type Errno = 'ENOENT' | 'ENOTDIR' | 'EACCES' | 'ELOOP' | 'ENAMETOOLONG';

/** Why the kernel says no at one component. */
export interface Obstacle {
  readonly errno: Errno;
  /** The component that refuses, links before it resolved: never just the deepest path tried. */
  readonly path: string;
  readonly entry: Entry | null;
  /** The permission bit that is missing there, for EACCES. */
  readonly needs: 'search' | 'read' | 'write' | null;
  /** Which class of permission the kernel consulted, for EACCES. */
  readonly class: 'owner' | 'group' | 'other' | 'acl-user' | 'acl-group' | 'acl-mask' | null;
}

/** What happens when `identity` uses `path`. `real` has every link resolved. */
export type Access =
  | { readonly verdict: 'granted'; readonly real: string; readonly entry: Entry }
  | { readonly verdict: 'refused'; readonly obstacle: Obstacle }
  | { readonly verdict: 'unknown'; readonly missing: string };

/** `stat` needs search on every ancestor; `read` and `list` also need read on the thing itself. */
export type Use = 'stat' | 'lstat' | 'read' | 'list' | 'search';
