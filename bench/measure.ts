import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** One run of a program as the operating system accounts for it. */
interface Run {
  /** Wall time in milliseconds. */
  readonly wall: number;
  readonly code: number | null;
}

/** The middle of some figures, and between which two the middle half of them lies. */
export interface Figure {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Runs a program to its end, without a shell, its output thrown away. */
export function runOnce(argv: readonly string[]): Run {
  const [program = '', ...args] = argv;
  const started = performance.now();
  const { status, error } = spawnSync(program, args, { stdio: 'ignore' });
  if (error !== undefined) throw error;
  return { wall: performance.now() - started, code: status };
}

/** Peak resident memory of one run in MB, by GNU time; null where that isn't installed. */
export function peakOf(argv: readonly string[]): number | null {
  const { stderr, error } = spawnSync('/usr/bin/time', ['-f', 'KiB %M', ...argv], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const match = error === undefined ? /KiB (\d+)\s*$/.exec(stderr) : null;
  return match === null ? null : (Number(match[1]) * 1024) / 1e6;
}

export function figureOf(values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}

function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [below = Number.NaN, above = below] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}

export interface Pairing {
  readonly a: Figure;
  readonly b: Figure;
  /** Of each pair on its own: what slows the machine down slows both of its halves. */
  readonly ratio: Figure;
  /** Processor time of one run in milliseconds, on average, all processes and threads together; null but on Linux. */
  readonly spent: { readonly a: number; readonly b: number } | null;
}

/** USER_HZ, in which /proc counts, is 100 on every architecture that Node runs on. */
const MS_PER_TICK = 10;

/** Processor time that ended child processes have taken, with theirs, in milliseconds: cutime and cstime of proc(5). */
function spentByChildren(): number | null {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[13]) + Number(fields[14])) * MS_PER_TICK;
  } catch {
    return null; // another system than Linux
  }
}

/** Two programs in turn, A B A B …, so that a machine whose speed drifts is fair to both. The first pair only warms up. */
export function pair(a: readonly string[], b: readonly string[], rounds: number): Pairing {
  runOnce(a);
  runOnce(b);
  const counted: { readonly a: number; readonly b: number }[] = [];
  const spent = { a: 0, b: 0 };
  const begin = spentByChildren();
  for (let round = 0; round < rounds; round += 1) {
    const before = spentByChildren() ?? 0;
    const first = runOnce(a).wall;
    const between = spentByChildren() ?? 0;
    const second = runOnce(b).wall;
    spent.a += (between - before) / rounds;
    spent.b += ((spentByChildren() ?? 0) - between) / rounds;
    counted.push({ a: first, b: second });
  }
  return {
    spent: begin === null ? null : spent,
    a: figureOf(counted.map((one) => one.a)),
    b: figureOf(counted.map((one) => one.b)),
    ratio: figureOf(counted.map((one) => one.a / one.b)),
  };
}

export function machine(): string {
  const processors = cpus();
  return `Node ${process.version}, ${process.arch}, ${processors.length} × ${processors[0]?.model ?? 'unknown processor'}`;
}
