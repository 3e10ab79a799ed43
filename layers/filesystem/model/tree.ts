/** Who opens the file: a server's worker with its real numbers. */
export interface Identity {
  readonly user: string;
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups; `gid` may or may not be among them. */
  readonly groups: readonly number[];
  /**
   * Whether it reads and searches regardless of permission bits (CAP_DAC_OVERRIDE or CAP_DAC_READ_SEARCH).
   * Left out, uid 0 does and nobody else.
   */
  readonly bypass?: boolean;
  /** Set for a process in a user namespace: the bypass holds only for files whose owner and group are both mapped. */
  readonly bypassWithin?: { readonly uids: IdMap; readonly gids: IdMap };
}

/** One line of /proc/PID/uid_map, user_namespaces(7): `length` ids from `inside` are `outside` on. */
export interface IdRange {
  readonly inside: number;
  readonly outside: number;
  readonly length: number;
}

export type IdMap = readonly IdRange[];

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
  /** sysctl fs.protected_symlinks of that machine; null or left out when unknown. */
  readonly protectedSymlinks?: boolean | null;
}

/** A symbolic link that was followed on the way. */
export interface Link {
  readonly path: string;
  readonly target: string;
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
  /**
   * Which class of permission the kernel consulted, for EACCES; null when no permission bit refused but
   * fs.protected_symlinks.
   */
  readonly class: PermissionClass | null;
  /** The links followed before this component was reached, in order. */
  readonly links?: readonly Link[];
}

/**
 * The class that decides on one file. `acl-user` and `acl-group` are named entries; `acl-mask` means that an
 * entry grants what the mask takes away.
 */
export type PermissionClass = 'owner' | 'group' | 'other' | 'acl-user' | 'acl-group' | 'acl-mask';

/** What happens when `identity` uses `path`. `real` has every link resolved. */
export type Access =
  | { readonly verdict: 'granted'; readonly real: string; readonly entry: Entry; readonly links?: readonly Link[] }
  | { readonly verdict: 'refused'; readonly obstacle: Obstacle }
  | { readonly verdict: 'unknown'; readonly missing: string };

/**
 * `stat` and `lstat` need search on every ancestor; `read` also read on the thing itself, whatever it is;
 * `list` the same on what must be a directory; `search` a directory that may be entered.
 */
export type Use = 'stat' | 'lstat' | 'read' | 'list' | 'search';
