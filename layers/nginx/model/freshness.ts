import { isSome, type Some } from '@why403/decision';

/** A file or directory of the configuration that changed after the server read it. Times in milliseconds since the epoch. */
export interface Late {
  readonly path: string;
  readonly at: number;
  /** `content` is proof; `names` of a directory, or only its `inode`, may mean nothing. */
  readonly by: 'content' | 'names' | 'inode';
}

/** Whether the running server has read its configuration since that changed. */
export type Freshness =
  | { readonly state: 'current' }
  | { readonly state: 'stale' | 'doubtful'; readonly configuredAt: number; readonly late: Some<Late> }
  | { readonly state: 'unknown'; readonly missing: string };

/** Starts of processes are known to a hundredth of a second, times of files to a tick of the kernel. */
const MARGIN = 50;

export function freshness(
  configuredAt: number | null,
  times: readonly { readonly path: string; readonly modifiedAt: number; readonly changedAt: number }[],
): Freshness {
  if (configuredAt === null)
    return { state: 'unknown', missing: 'when the running server read its configuration: no worker process could be seen' };
  const border = configuredAt + MARGIN;
  const late = times.flatMap(({ path, modifiedAt, changedAt }): Late[] => {
    const isDirectory = path.endsWith('/');
    if (modifiedAt > border) return [{ path, at: modifiedAt, by: isDirectory ? 'names' : 'content' }];
    return changedAt > border && !isDirectory ? [{ path, at: changedAt, by: 'inode' }] : [];
  });
  if (!isSome(late)) return { state: 'current' };
  return { state: late.some(({ by }) => by === 'content') ? 'stale' : 'doubtful', configuredAt, late };
}
