import type { Evidence, Remedy } from '@why403/decision';
import type { Accounts } from './accounts.ts';
import type { ForbiddenLink, LinkPolicy } from './link-policy.ts';
import type { Entry, FileTree, Identity, Obstacle, Use } from './tree.ts';

/** What the server wanted with the path, in words any server's house can choose from. */
export type Role = 'content' | 'index' | 'listing' | 'support';

interface Met {
  /** Position among this hop's refusals, in the server's own order, as in `Sighting`. */
  readonly at: number;
  /** The path as the server asked for it. */
  readonly path: string;
  readonly use: Use | 'execute';
  readonly role: Role;
  /** How sure it is, 0 to 1, that this is what refuses the request here. */
  readonly weight: number;
  /** How the request led to this path: the root or alias directive, an index name. Quoted by the server's house. */
  readonly context: readonly Evidence[];
  /** Lines of the server's own log that tell of it, and what the kernel itself answered when it was asked again. */
  readonly observed: readonly Evidence[];
  /** Whether an access ACL could be set on the obstacle; null when nobody knows. */
  readonly acls: boolean | null;
}

/** One meeting of a server with the file system that went badly. */
export type Encounter = Met &
  (
    | { readonly kind: 'obstacle'; readonly obstacle: Obstacle }
    /** The server was refused, although mode bits and ACLs on the whole way admit it. */
    | { readonly kind: 'unexplained'; readonly errno: 'EACCES' | 'EPERM' | 'ENOENT' | 'EIO' | 'ESTALE'; readonly real: string }
    /** The server's own rule refuses a link that the kernel would follow. */
    | {
        readonly kind: 'link-policy';
        readonly policy: LinkPolicy;
        readonly link: ForbiddenLink;
        readonly rule: Evidence;
        readonly remedies: readonly Remedy[];
      }
    /** The server won't hand out a thing of this type. */
    | { readonly kind: 'file-type'; readonly real: string; readonly entry: Entry }
  );

export type ObstacleEncounter = Extract<Encounter, { kind: 'obstacle' }>;

export interface Touched {
  readonly at: number;
  readonly path: string;
  /** With every link resolved; null when it could not be followed to its end. */
  readonly real: string | null;
}

/** What a server's house says about the files that one request touches. The kind `filesystem/obstacles`. */
export interface Obstacles {
  readonly encounters: readonly Encounter[];
  /**
   * Every path that the request touches, in the server's order, whether or not anything refuses there: the
   * kernel's records are joined with these when the server itself says nothing. `at` is where a refusal would stand.
   */
  readonly touched: readonly Touched[];
  /** The worker that opens files. */
  readonly identity: Identity;
  readonly accounts: Accounts;
  /** As the worker's process sees it. */
  readonly tree: FileTree;
  /** The worker's processes and the program's name, to join records of the kernel with. */
  readonly process: { readonly pids: readonly number[]; readonly comm: string | null };
  /** When the request was served, in milliseconds since the epoch; null when unknown. */
  readonly window: { readonly from: number; readonly to: number } | null;
  /** Why more may have been refused than is listed: steps that could not be followed. */
  readonly missing: readonly string[];
}
