import { spawn } from 'node:child_process';

export interface Executed {
  /** Null when the program isn't here or was stopped. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecuteOptions {
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds until it is stopped. */
  readonly patience?: number;
}

const PATIENCE = 30_000;

/** Runs a program without a shell, in plain C locale. A missing program is an answer, not an exception. */
export async function execute(argv: readonly [string, ...string[]], options: ExecuteOptions = {}): Promise<Executed> {
  const [program, ...args] = argv;
  const { promise, resolve } = Promise.withResolvers<Executed>();
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
    timeout: options.patience ?? PATIENCE,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('latin1').on('data', (text: string) => {
    stderr += text;
  });
  // A program that ends before it has read everything is judged by its exit code.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '', 'latin1');
  child.once('error', (error) => resolve({ code: null, stdout, stderr: error.message }));
  child.once('close', (code) => resolve({ code, stdout, stderr }));
  const executed = await promise;
  options.signal?.throwIfAborted();
  return executed;
}
