import { execFile } from 'node:child_process';

/** How a program ended. `code` is null when it could not be started or was stopped. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether there is no such program. */
  readonly isMissing: boolean;
}

const SECONDS = 10;
const MOST_OUTPUT = 16 * 1024 * 1024;

/** Runs a program without a shell, in plain C locale, bounded in time and output; never throws. */
export function run(program: string, args: readonly string[]): Promise<Ended> {
  const options = { timeout: SECONDS * 1000, maxBuffer: MOST_OUTPUT, env: { ...process.env, LC_ALL: 'C' } };
  return new Promise((resolve) => {
    execFile(program, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ code, stdout, stderr, isMissing: error !== null && (error as NodeJS.ErrnoException).code === 'ENOENT' }); // execFile passes spawn errors through
    });
  });
}

/** `items` in groups that fit one command line. */
export function inBatches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const batches: T[][] = [];
  for (let at = 0; at < items.length; at += size) batches.push(items.slice(at, at + size));
  return batches;
}
