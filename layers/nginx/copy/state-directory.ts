import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { keepForCleanUp } from './clean-up.ts';

/**
 * Where backups and locks are kept, unless WHY403_STATE says otherwise: never beside a configuration, where
 * an include's pattern would find them.
 */
export function stateDirectory(): string {
  const chosen = process.env['WHY403_STATE'];
  if (chosen !== undefined && chosen !== '') return chosen;
  if (process.getuid?.() === 0) return '/var/lib/why403';
  return join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'), 'why403');
}

export type Lock = { readonly release: () => void } | { readonly heldBy: number };

/** Only one process at a time changes the files of one server. A lock of a process that is gone doesn't count. */
export function takeLock(state: string, server: string): Lock {
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const path = join(state, `lock-${createHash('sha256').update(server).digest('hex').slice(0, 12)}`);
  for (;;) {
    try {
      const file = openSync(path, 'wx', 0o600);
      writeFileSync(file, String(process.pid));
      closeSync(file);
      const remove = (): void => rmSync(path, { force: true });
      const forget = keepForCleanUp(remove);
      return {
        release: () => {
          remove();
          forget();
        },
      };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const holder = holderOf(path);
      if (holder !== null) return { heldBy: holder };
      rmSync(path, { force: true });
    }
  }
}

/** The live process that a lock names; null when it is gone. */
function holderOf(path: string): number | null {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    // Written a moment after it was made: an empty one is held by somebody who is just taking it.
    if (pid === 0) return pid;
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    const isOthers = error instanceof Error && 'code' in error && error.code === 'EPERM';
    return isOthers ? Number(readFileSync(path, 'utf8')) : null;
  }
}
