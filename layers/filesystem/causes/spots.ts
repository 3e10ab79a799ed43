import type { Encounter, Obstacles } from '../model/encounter.ts';
import { ancestorsOf, nameOf } from '../model/path.ts';
import type { Denial } from '../model/denials/denial.ts';
import type { Evidence } from '@why403/decision';

/** A place in the server's order where the kernel may have refused a path. */
export interface Spot {
  readonly at: number;
  /** As resolved as is known. */
  readonly path: string;
  readonly weight: number;
  readonly observed: readonly Evidence[];
  readonly context: readonly Evidence[];
  /** The encounter behind it; null when the server only touched the path. */
  readonly encounter: Encounter | null;
}

/** Every encounter, then every touched path that none of them is about. */
export function spotsOf(all: Obstacles): readonly Spot[] {
  const met = all.encounters.map((encounter): Spot => {
    const { at, weight, observed, context } = encounter;
    return { at, path: realOf(encounter), weight, observed, context, encounter };
  });
  const known = new Set(all.encounters.map((one) => one.path));
  const touched = all.touched
    .filter((one) => !known.has(one.path))
    .map((one): Spot => {
      return { at: one.at, path: one.real ?? one.path, weight: 1, observed: [], context: [], encounter: null };
    });
  return [...met, ...touched];
}

function realOf(encounter: Encounter): string {
  switch (encounter.kind) {
    case 'obstacle':
      return encounter.obstacle.path;
    case 'unexplained':
    case 'file-type':
      return encounter.real;
    case 'link-policy':
      return encounter.link.path;
  }
}

/** Refusals that permission bits and ACLs don't account for. */
export function unexplained(all: Obstacles): readonly Spot[] {
  return spotsOf(all).filter((spot) => spot.encounter?.kind === 'unexplained');
}

/** Kernel records are stamped by the kernel's clock tick, logs by the second. */
const SLACK = 2_000;

/**
 * How surely a record of the kernel is about this spot, 0 to 1: joined by process, time and path, never by the
 * look of the line alone. 0 when any of these speaks against it.
 */
export function fits(record: Denial, spot: Spot, all: Obstacles): number {
  if (!record.isEnforced) return 0;
  const { pids, comm } = all.process;
  const byPid = record.pid !== null && pids.length > 0 ? pids.includes(record.pid) : null;
  const byComm = record.comm !== null && comm !== null ? record.comm === comm : null;
  const byTime = record.time !== null && all.window !== null ? isWithin(record.time, all.window) : null;
  if (byTime === false || byComm === false) return 0;
  // A worker may have been replaced since: a foreign pid with the right name at the right time still counts.
  if (byPid === false && !(byComm === true && byTime === true)) return 0;
  const path = fitOfPath(record, spot.path);
  if (path === 0) return 0;
  const joined = byPid === true || (byComm === true && byTime === true);
  return joined ? path : path * 0.75;
}

function isWithin(time: number, window: { readonly from: number; readonly to: number }): boolean {
  return time >= window.from - SLACK && time <= window.to + SLACK;
}

/** The whole path, or a directory on its way, counts for more than the bare last name that many records have. */
function fitOfPath(record: Denial, path: string): number {
  const way = [...ancestorsOf(path), path];
  const whole = record.path?.replace(/(.)\/+$/, '$1') ?? null;
  if (whole !== null) return way.includes(whole) ? 0.98 : 0;
  return record.name !== null && way.some((one) => nameOf(one) === record.name) ? 0.95 : 0;
}

/** The record that fits best, with how surely; null when none does. */
export function bestFit<T extends Denial>(
  records: readonly T[],
  spot: Spot,
  all: Obstacles,
): { readonly record: T; readonly sure: number } | null {
  let best: { readonly record: T; readonly sure: number } | null = null;
  for (const record of records) {
    const sure = fits(record, spot, all);
    if (sure > 0 && (best === null || sure > best.sure)) best = { record, sure };
  }
  return best;
}

export function recordEvidence(record: Denial, says: string): Evidence {
  const place = record.line === null ? { file: record.file } : { file: record.file, line: record.line };
  return { kind: 'log', ...place, text: record.text, says, audience: 'operator' };
}
