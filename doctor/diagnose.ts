import type { CauseEntry } from '@why403/terms/house';
import { type Redactor, secretsOfRequest, withKnown } from '@why403/terms/redaction';
import type { Question } from '@why403/terms/request';
import { type Case, collect, type Errand } from './collect/collect.ts';
import type { Ports } from './collect/ports.ts';
import { judge } from './judge/judge.ts';
import { rank } from './rank/rank.ts';
import { settle } from './rank/settle.ts';
import { type Fix, fixFor } from './remedy/fix.ts';
import { belowRoot, type Named } from './remedy/render.ts';
import { buildReport } from './report/build.ts';
import { isRefused, outcomeOf, SILENT } from './report/outcome.ts';
import type { Report } from './report/schema.ts';

export interface Wishes {
  /** Try the fix on a private copy. */
  readonly prove: boolean;
  readonly signal: AbortSignal;
  /** Told which stage begins, for whoever shows progress. */
  readonly onStage: (stage: string) => void;
}

export interface Diagnosis {
  readonly report: Report;
  readonly fix: Fix | null;
  readonly visited: Case['visits'];
  /** What was really sent and came back; null when nothing was. */
  readonly exchange: Case['exchange'];
}

/** The whole walk for one question: collect, judge, rank, remedy, report. */
export async function diagnose(
  errand: Errand,
  causes: readonly CauseEntry[],
  runRedactor: Redactor,
  ports: Ports,
  wishes: Wishes,
): Promise<Diagnosis> {
  const asked = withKnown(runRedactor, secretsOfRequest(errand.question.headers, errand.question.target));
  wishes.onStage('looking at the server');
  const found = await collect(errand, asked, ports);
  const hop = found.visits[0];
  const redactor = withKnown(asked, hop?.visit.secrets ?? []);
  const isSecret = (line: string): boolean => redactor.text(line) !== line;
  const named: Named = errand.flags.has('--root') ? belowRoot : (file) => file;
  // Closing the connection without a word is an answer too, when that is what the server's rules say.
  const isSilent = found.wasClosed && hop?.visit.predict(errand.question, []).status === SILENT;
  const unreachable = isSilent ? null : found.unreachable;
  const layers = isSilent ? [...found.layers, ...(hop?.gathering.layers ?? [])] : found.layers;
  const foretold =
    hop !== undefined && found.exchange === null && unreachable === null
      ? (hop.gathering.told ?? hop.visit.predict(errand.question, []).status)
      : null;
  const status = found.exchange?.status ?? foretold;
  const masks = hop?.gathering.masks ?? null;
  const outcome = status === null ? 'undetermined' : outcomeOf(status, masks);

  wishes.onStage('weighing the causes');
  const judged = hop === undefined ? [] : await judge({ hop: 0, product: hop.visit.product, bag: hop.gathering.bag }, causes);
  // A request that is let through has no cause; what the model says of it beside that is told in the notes.
  const ranking = outcome === 'allowed' || unreachable !== null ? { findings: [], next: [] } : rank(judged);

  const refused = status !== null && isRefused(status, masks);
  wishes.onStage('trying the fix');
  const fix =
    hop === undefined || !refused
      ? null
      : await fixFor(
          ranking,
          hop.visit,
          asSeen(errand.question, found.exchange?.local.address ?? hop.gathering.client),
          isSecret,
          named,
          wishes.prove,
          wishes.signal,
        );
  const report = buildReport(
    {
      question: errand.question,
      exchange: found.exchange,
      unreachable,
      client: hop?.gathering.client ?? found.exchange?.local.address ?? errand.question.from ?? null,
      producer: hop?.gathering.producer ?? null,
      masks,
      foretold,
      ranking,
      fix: fix === null ? null : { steps: fix.rendered, proof: fix.proof },
      layers,
      settle: settle({
        ranking,
        judged,
        layers,
        isOpen: refused || (status === null && unreachable === null),
        otherwise: found.settle,
      }),
      notes: isSilent ? [...found.notes, found.unreachable ?? ''] : found.notes,
      source: (file) => hop?.visit.source(file) ?? null,
      isSecret,
      named,
    },
    redactor,
  );
  return { report, fix, visited: found.visits, exchange: found.exchange };
}

/** The matrix varies the client's address: where the question leaves it open, it is the one that was seen or told. */
function asSeen(question: Question, client: string | null): Question {
  return question.from !== undefined || client === null ? question : { ...question, from: client };
}
