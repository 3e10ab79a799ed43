import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** One run of a program as the operating system accounts for it. */
export interface Run {
  /** Wall time in milliseconds. */
  readonly wall: number;
  /** Peak resident memory in MiB; null where /usr/bin/time isn't there. */
  readonly peak: number | null;
  readonly code: number | null;
}

/** Runs a program to its end, without a shell, its output thrown away. */
export function runOnce(argv: readonly string[]): Run {
  const [program = '', ...args] = argv;
  const started = performance.now();
  const { status } = spawnSync(program, args, { stdio: 'ignore' });
  return { wall: performance.now() - started, peak: null, code: status };
}

/** Peak resident memory of one run in MiB, by GNU time; null where that isn't installed. */
export function peakOf(argv: readonly string[]): number | null {
  const { stderr, error } = spawnSync('/usr/bin/time', ['-f', 'KiB %M', ...argv], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const match = error === undefined ? /KiB (\d+)\s*$/.exec(stderr) : null;
  return match === null ? null : Number(match[1]) / 1024;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

/** Two programs in turn, A B A B …, so that a machine whose speed drifts is fair to both. */
export function pair(
  a: readonly string[],
  b: readonly string[],
  rounds: number,
): { readonly a: number; readonly b: number; readonly ratio: number } {
  const ratios: number[] = [];
  const [as, bs]: [number[], number[]] = [[], []];
  runOnce(a);
  runOnce(b);
  for (let round = 0; round < rounds; round += 1) {
    const one = runOnce(a).wall;
    const other = runOnce(b).wall;
    as.push(one);
    bs.push(other);
    ratios.push(one / other);
  }
  return { a: median(as), b: median(bs), ratio: median(ratios) };
}

export function machine(): string {
  const model = /model name\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown processor';
  return `Node ${process.version}, ${model}`;
}
