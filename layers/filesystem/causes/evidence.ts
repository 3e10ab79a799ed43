import type { Obstacles } from '../model/encounter.ts';
import type { Denial } from '../model/denials/denial.ts';
import type { Mount } from '../model/mounts.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { IdMap } from '../model/tree.ts';

/** What security modules wrote down about the server's processes. */
export interface Denials {
  readonly selinux: 'enforcing' | 'permissive' | 'disabled' | null;
  readonly apparmor: 'enabled' | 'disabled' | null;
  /** The AppArmor profile the worker runs under; null when unconfined or unknown. */
  readonly profile: string | null;
  readonly records: readonly Denial[];
  /** Logs that were searched for records from before the request until after it. */
  readonly searched: readonly string[];
  /** Logs that could not be searched, with the reason. */
  readonly unsearched: readonly string[];
  /** SELinux booleans that are known, by name. */
  readonly booleans: ReadonlyMap<string, boolean>;
}

/** The user namespace of the worker, when it is another than the file system's. */
export interface UserNamespace {
  readonly pid: number;
  readonly uids: IdMap;
  readonly gids: IdMap;
}

declare module '@why403/decision' {
  interface Kinds {
    /** What a server's house met in the file system, from any server. */
    'filesystem/obstacles': Obstacles;
    'kernel/denials': Denials;
    'kernel/sandbox': Sandbox;
    'kernel/mounts': readonly Mount[];
    'kernel/user-namespace': UserNamespace;
  }
}
