import type { Evidence } from '@why403/decision';
import type { Check, Refusal, Walk } from '../trace.ts';
import type { Observation, ObservedLine } from './observation.ts';
import { isRefusal } from '../refusal-status.ts';
import { nearest } from '../values/scope.ts';
import type { Directive } from '../syntax/ast.ts';
import { signatureOf, TELLING } from './signature.ts';

/** A refusal of the onion, as the model found it: certain, or a step that could not be judged but may refuse. */
export interface Candidate {
  readonly refusal: Refusal;
  readonly check: Check;
  readonly walk: Walk;
  readonly certain: boolean;
}

/** A candidate held against what was observed. */
export interface Attributed extends Candidate {
  /** 0 for the refusal that spoke and its rivals, then 1, 2, … for what would refuse after it. */
  readonly at: number;
  readonly confidence: number;
  /** Log lines, their telling absence, and the answer itself. */
  readonly context: readonly Evidence[];
}

/** How sure an attribution is; calibrated on the lab's cases, where each certain class was right every time. */
const SURE = {
  certainAndLogged: 0.99,
  certainAndSilentAsExpected: 0.98,
  certainAndObserved: 0.96,
  certainByModel: 0.96,
  loggedOnly: 0.97,
  onlyOneLeftAndSilent: 0.9,
  onlyOneLeft: 0.8,
  rival: 0.4,
  laterCertain: 0.96,
} as const;

/** Obstacles in the file system that make a request fail rather than refuse it: a missing file, an unreadable password file. */
function isObstacle({ refusal }: Candidate): boolean {
  return refusal.kind === 'obstacle' || refusal.kind === 'auth-basic-file';
}

/**
 * Whether the answer can come of this candidate. A status that refuses nobody comes of a refusal only behind a
 * mask: `error_page 403 =200`, or try_files that passes over what it may not look at.
 */
function mayHaveRefused(candidate: Candidate, observation: Observation | null): boolean {
  const { refusal, certain, check } = candidate;
  const { answer } = candidate.walk;
  if (observation === null || isRefusal(observation.status)) return isRefusal(refusal.status);
  // A limit answers 503 by nature, and an upload that the system forbids 500: refusals all the same.
  const isOtherwiseTold = refusal.kind === 'limit' || (refusal.kind === 'module' && refusal.module === 'dav');
  if ((isObstacle(candidate) || isOtherwiseTold) && refusal.status === observation.status) return true;
  if (!isRefusal(refusal.status)) return false;
  if (!certain) return observation.status >= 400;
  return answer.state === 'answered' && answer.status === observation.status && (answer.mask !== null || check.verdict === 'noted');
}

/** A limit whose status something before it surely answers, such as `return 503`, never came to its turn. */
function isForestalled({ refusal }: Candidate, before: readonly Candidate[]): boolean {
  return refusal.kind === 'limit' && before.some((one) => one.certain && one.refusal.status === refusal.status);
}

/** Those that may have spoken, and what stands behind the first sure one of them, which nothing was seen of. */
function inQuestion(all: readonly Candidate[], observation: Observation | null): readonly Candidate[] {
  const refusing = all.filter((one, index) => mayHaveRefused(one, observation) && !isForestalled(one, all.slice(0, index)));
  // Without any refusal, what makes the request fail (a missing file, say) is still worth an explanation.
  if (refusing.length === 0 && observation === null) return all.filter(isObstacle);
  const spoke = refusing.find((one) => one.certain);
  const behind = spoke === undefined ? all.length : all.indexOf(spoke) + 1;
  return all.filter((one, index) => refusing.includes(one) || (index >= behind && isRefusal(one.refusal.status)));
}

/**
 * Says which candidate refused. Log lines decide first; then silence at a level that is known to be
 * recorded; then the order. What is left over after the first sure refusal would refuse next.
 */
export function attribute(all: readonly Candidate[], observation: Observation | null): readonly Attributed[] {
  const candidates = inQuestion(all, observation);
  if (observation === null) return number(candidates.map((one) => ({ one, confidence: null, context: [] })));
  const judged = candidates.map((one) => ({ one, ...hold(one, observation) }));
  const spoken = judged.findIndex((one) => one.state === 'spoke');
  if (spoken >= 0) {
    // Everything before the one that spoke let the request pass.
    return number(
      judged.slice(spoken).map(({ one, context }, index) => ({
        one,
        confidence: index === 0 ? (one.certain ? SURE.certainAndLogged : SURE.loggedOnly) : null,
        context: index === 0 ? context : [],
      })),
    );
  }
  const firstCertain = judged.findIndex((one) => one.one.certain);
  const reach = firstCertain < 0 ? judged.length : firstCertain + 1;
  const rivals = judged.slice(0, reach).filter((one) => one.state !== 'excluded');
  const later = judged.slice(reach).filter((one) => one.one.certain);
  if (rivals.length === 0) return [];
  const alone = rivals.length === 1;
  return number([
    ...rivals.map(({ one, state, context }) => ({ one, confidence: sureness(one.certain, alone, state), context })),
    ...later.map(({ one }) => ({ one, confidence: null, context: [] })),
  ]);
}

function sureness(certain: boolean, alone: boolean, state: State): number {
  if (certain && alone) return state === 'fits-silence' ? SURE.certainAndSilentAsExpected : SURE.certainAndObserved;
  if (alone) return state === 'fits-silence' ? SURE.onlyOneLeftAndSilent : SURE.onlyOneLeft;
  return certain ? 1 - SURE.rival : SURE.rival;
}

type State = 'spoke' | 'fits-silence' | 'possible' | 'excluded';

function hold(candidate: Candidate, observation: Observation): { state: State; context: readonly Evidence[] } {
  const { refusal } = candidate;
  if (refusal.kind === 'upstream') {
    const held = holdUpstream(refusal.rule, observation);
    if (held !== null) return held;
  }
  const expected = expectedStatus(candidate);
  if (expected !== null && expected !== observation.status) return { state: 'excluded', context: [] };
  return holdLog(candidate, observation);
}

/**
 * What the client would have seen if this candidate had refused; null when that can't be told. A doubtful
 * step's own status may be masked by an error_page on its way out, so only an unmasked one is held against it.
 */
function expectedStatus({ certain, walk, refusal }: Candidate): number | null {
  const { answer } = walk;
  if (certain) return answer.state === 'answered' ? answer.status : null;
  if (refusal.kind === 'upstream') return null;
  const known = answer.state === 'answered' ? answer : (answer.otherwise ?? null);
  return known === null || known.mask === null ? refusal.status : null;
}

/**
 * `$upstream_status` is `-` or empty when nginx answered by itself, else what came from behind. Where it isn't
 * logged, a page that nginx did not write tells as much, unless an error_page could have put it there. Null:
 * neither says anything.
 */
function holdUpstream(rule: Directive, observation: Observation): { state: State; context: readonly Evidence[] } | null {
  const logged = observation.access?.get('upstream_status');
  if (logged !== undefined) {
    const last = Number(logged.split(/[,:]/).at(-1)?.trim() || Number.NaN);
    return isRefusal(last) ? { state: 'spoke', context: observation.quotes } : { state: 'excluded', context: [] };
  }
  if (!isRefusal(observation.status)) return { state: 'excluded', context: [] };
  if (observation.page === 'foreign' && nearest(rule.parent, 'error_page') === null) {
    return { state: 'spoke', context: [FOREIGN, ...observation.quotes] };
  }
  return null;
}

const FOREIGN: Evidence = {
  kind: 'response',
  says: 'The body is not the page that nginx writes for a refusal of its own, and no error_page puts another in its place: it came from behind.',
  audience: 'caller',
};

function holdLog(candidate: Candidate, observation: Observation): { state: State; context: readonly Evidence[] } {
  const signature = signatureOf(candidate.refusal);
  const lines = observation.errors ?? [];
  if (signature !== 'silent') {
    const line = lines.find((one) => signature.test(one.message) && namesSamePath(candidate.refusal, one));
    if (line !== undefined) return { state: 'spoke', context: [quote(line), ...observation.quotes] };
    if (observation.recordsErrors === true && observation.errors !== null && !isWrittenBelowError(candidate))
      return { state: 'excluded', context: [] };
    return { state: 'possible', context: observation.quotes };
  }
  const telling = lines.find((one) => TELLING.test(one.message));
  if (telling !== undefined) return { state: 'excluded', context: [] };
  if (observation.recordsErrors === true && observation.errors !== null) {
    return { state: 'fits-silence', context: [...observation.quotes, SILENCE] };
  }
  return { state: 'possible', context: observation.quotes };
}

/** limit_req_log_level and limit_conn_log_level lower the level of a line, and what TLS refuses is told at level info. */
function isWrittenBelowError({ refusal, walk }: Candidate): boolean {
  if (refusal.kind !== 'limit') return refusal.kind === 'built-in';
  const level = nearest(walk.locations.at(-1) ?? walk.server.directive, `${refusal.rule.name}_log_level`)?.args[0];
  return level !== undefined && level !== 'error';
}

function namesSamePath(refusal: Refusal, line: ObservedLine): boolean {
  if (refusal.kind !== 'obstacle' && refusal.kind !== 'auth-basic-file') return true;
  const quoted = /"([^"]*)"/.exec(line.message)?.[1];
  return quoted === undefined || quoted === refusal.path || quoted.startsWith(refusal.path) || refusal.path.startsWith(quoted);
}

const SILENCE: Evidence = {
  kind: 'absence',
  says: 'The error log records this level, and this request left no line that refuses: only the silent ways to refuse remain.',
  audience: 'operator',
};

function quote(line: ObservedLine): Evidence {
  const place = line.line === null ? { file: line.file } : { file: line.file, line: line.line };
  return { kind: 'log', ...place, text: line.text, says: 'nginx logged this for the very request.', audience: 'operator' };
}

function number(list: readonly { one: Candidate; confidence: number | null; context: readonly Evidence[] }[]): readonly Attributed[] {
  const items: Attributed[] = [];
  let at = 0;
  let settled = false;
  for (const { one, confidence, context } of list) {
    if (settled) at += 1;
    items.push({ ...one, at, confidence: confidence ?? unobserved(one, settled), context });
    if (one.certain || confidence === SURE.loggedOnly) settled = true;
  }
  return items.filter((item) => item.at === 0 || item.certain);
}

function unobserved(candidate: Candidate, later: boolean): number {
  if (candidate.certain) return later ? SURE.laterCertain : SURE.certainByModel;
  return SURE.rival;
}
