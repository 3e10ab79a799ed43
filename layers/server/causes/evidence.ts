import type { Evidence, Step } from '@why403/decision';

/** A file or folder of the configuration that changed after the running server read it. */
export interface ChangedFile {
  readonly path: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /**
   * How that shows: by the time of its `content`; by that of the `names` in a folder; or only by its
   * `inode`, which a move or a change of rights touches as well.
   */
  readonly by: 'content' | 'names' | 'inode';
}

/** Whether the running server works with what the files say now. Any server's house contributes it. */
export interface Reload {
  readonly product: string;
  /** When the running server read its configuration, in milliseconds since the epoch; null when unknown. */
  readonly readAt: number | null;
  /** What changed since; empty when nothing did. */
  readonly changed: readonly ChangedFile[];
  /** The log line of a later reload that failed; null when there is none. */
  readonly failed: Evidence | null;
  /** What the running server answered; null when nothing was asked. */
  readonly observed: number | null;
  /** What the files on disk would answer, by model; null when it can't tell. */
  readonly foretold: number | null;
  /** The steps that make the server read its files, tests first. */
  readonly reload: readonly Step[];
}

declare module '@why403/decision' {
  interface Kinds {
    'server/reload': Reload;
  }
}
