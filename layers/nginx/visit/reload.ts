import { type Gathered, gathered, type Some, type Step, unavailable } from '@why403/decision';
import type { Reload } from '@why403/server';
import { freshness } from '../model/freshness.ts';
import type { Walk } from '../model/trace.ts';
import type { Observation } from '../model/attribution/observation.ts';
import type { Subject } from './subject.ts';

/** What makes the running nginx read its files again: the test first, with the very options it was started with. */
export function reloadSteps({ process }: Subject): Some<Step> {
  const line = process?.commandLine;
  const isUsual = line === undefined || (line.configuration === null && line.prefix === null);
  const nginx: Some<string> = isUsual
    ? ['nginx']
    : [process?.executable ?? 'nginx', '-p', process?.prefix ?? '/', '-c', process?.main ?? ''];
  return [
    { kind: 'command', argv: [...nginx, '-t'] },
    { kind: 'command', argv: [...nginx, '-s', 'reload'] },
  ];
}

/** Whether the running nginx works with what its files say now. */
export function reloadEvidence(subject: Subject, walk: Walk | undefined, observation: Observation | null): Gathered<Reload> {
  if (subject.process === null) return unavailable('when the server read its configuration: no running nginx was looked at');
  const found = freshness(subject.process.configuredAt, subject.times);
  if (found.state === 'unknown') return unavailable(found.missing);
  return gathered({
    product: subject.process.product,
    readAt: subject.process.configuredAt,
    changed: found.state === 'current' ? [] : found.late,
    failed: null,
    observed: observation?.status ?? null,
    foretold: walk?.answer.state === 'answered' ? walk.answer.status : null,
    reload: reloadSteps(subject),
  });
}

/** What must be said beside every finding when the files changed after the running server read them. */
export function reloadNotes(subject: Subject): readonly string[] {
  if (subject.process === null) return [];
  const found = freshness(subject.process.configuredAt, subject.times);
  if (found.state !== 'stale') return [];
  const [late] = found.late.filter((one) => one.by === 'content');
  if (late === undefined) return [];
  const when = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
  return [
    `${late.path} changed on ${when(late.at)}, after ${subject.process.product} had read its configuration (${when(found.configuredAt)}): what is said here of the configuration is what the files say now`,
  ];
}
