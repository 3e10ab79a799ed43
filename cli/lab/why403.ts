import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { type Report, readReport } from '@why403/doctor/report';

export const BIN = join(import.meta.dirname, '..', '..', 'bin', 'why403');

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs bin/why403 as a person would, without a terminal. */
export function why403(
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal;
    /** What starts it: another account, another namespace. */
    readonly through?: readonly string[];
  } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const { env, signal, through = [] } = options;
    const [program = BIN, ...rest] = [...through, BIN, ...args];
    execFile(
      program,
      rest,
      { maxBuffer: 1 << 26, env: { ...process.env, NO_COLOR: '1', ...env }, ...(signal === undefined ? {} : { signal }) },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
  });
}

/** Diagnoses with --json and reads the report back by its published schema. */
export async function diagnosed(args: readonly string[]): Promise<{ readonly report: Report; readonly code: number }> {
  const { code, stdout, stderr } = await why403(['diagnose', '--json', ...args]);
  if (stdout === '') throw new Error(`no report (exit ${code}): ${stderr}`);
  return { report: readReport(stdout), code };
}
