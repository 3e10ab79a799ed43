import { certaintyOf, LAYERS } from '@why403/decision';
import type { LayerReport, Masked, Producer, Proof } from '@why403/terms/house';
import type { Redactor } from '@why403/terms/redaction';
import type { Exchange, Question } from '@why403/terms/request';
import type { Ranked, Ranking } from '../rank/rank.ts';
import { type IsSecret, type Named, renderSteps, type Source } from '../remedy/render.ts';
import { concealReport } from './conceal.ts';
import { meaningOf } from './neighbors.ts';
import { isRefused, outcomeOf } from './outcome.ts';
import type { Report, ReportFinding, ReportStep } from './schema.ts';

/** All that a report is made of. */
export interface Material {
  readonly question: Question;
  readonly exchange: Exchange | null;
  /** Why the server could not be reached, when it was tried. */
  readonly unreachable: string | null;
  readonly client: string | null;
  readonly producer: Producer | null;
  readonly masks: Masked | null;
  /** The status that a model foretells when nothing was asked; null when there is none. */
  readonly foretold: number | null;
  readonly ranking: Ranking;
  readonly fix: { readonly steps: readonly ReportStep[]; readonly proof: Proof } | null;
  readonly layers: readonly LayerReport[];
  readonly settle: Report['settle'];
  readonly notes: readonly string[];
  readonly source: Source;
  readonly isSecret: IsSecret;
  readonly named: Named;
}

/** Puts a report together. Every text that may hold a secret goes through the redactor once more. */
export function buildReport(material: Material, redactor: Redactor): Report {
  const { question, exchange, ranking } = material;
  const outcome = outcomeFor(material);
  const findings = ranking.findings.map((one) => findingOf(one, material));
  const report: Report = {
    format: 'why403/report@1',
    question: {
      method: question.method,
      url: redactor.text(urlOf(question)),
      headers: headersOf(question, redactor),
      client: material.client,
    },
    observed:
      exchange === null
        ? null
        : {
            status: exchange.status,
            producer: material.producer,
            masks: maskOf(material.masks),
          },
    outcome,
    summary: summaryOf(outcome, material, findings[0]),
    ...meaning(material),
    findings,
    next: ranking.next.map((one) => findingOf(one, material)),
    fix: material.fix === null ? null : { steps: [...material.fix.steps], proof: proofOf(material.fix.proof) },
    layers: layersOf(material),
    settle: material.settle,
    notes: [...new Set(material.notes)],
  };
  return concealReport(report, redactor);
}

/** Only what the report's schema knows of it. */
function maskOf(masks: Masked | null): NonNullable<Report['observed']>['masks'] {
  if (masks === null) return null;
  const { refuses: _, ...shown } = masks;
  return shown;
}

function meaning({ exchange, foretold, masks }: Material): Pick<Report, 'meaning'> {
  const status = exchange?.status ?? foretold;
  const told = status === null ? null : meaningOf({ status, headers: exchange?.headers ?? [], masks });
  return told === null ? {} : { meaning: told };
}

function outcomeFor({ exchange, unreachable, foretold, masks }: Material): Report['outcome'] {
  if (unreachable !== null) return 'unreachable';
  const status = exchange?.status ?? foretold;
  return status === null ? 'undetermined' : outcomeOf(status, masks);
}

function summaryOf(outcome: Report['outcome'], material: Material, first: ReportFinding | undefined): string {
  const { exchange, masks, producer, unreachable, foretold, question } = material;
  const status = exchange?.status ?? foretold;
  const by = producer === null ? '' : ` by ${producer.product}${producer.version === null ? '' : ` ${producer.version}`}`;
  const word = exchange === null ? 'would be answered' : 'was answered';
  const asked = `${question.method} ${question.target.replace(/\?.*$/s, '')}`;
  switch (outcome) {
    case 'unreachable':
      return `No answer: ${sentence(unreachable ?? 'the server could not be reached')}`;
    case 'undetermined':
      return `Could not determine what becomes of ${asked}: ${sentence(doubtOf(material))}`;
    case 'allowed':
      return `${asked} ${word} ${status ?? ''}: nothing refuses it.`;
    case 'failed':
      return `${asked} ${word} ${status ?? ''}${by}: ${failedBecause(status ?? 500, first)}.`;
    case 'refused': {
      const shown = masks === null || masks.status === status ? `${status ?? ''}` : `${status ?? ''}, which hides a ${masks.status}`;
      const why =
        first === undefined
          ? 'and nothing that was gathered says why'
          : `${first.certainty === 'proven' ? '' : `${first.certainty}: `}${first.title}`;
      return `${asked} ${exchange === null ? 'would be refused' : 'was refused'}${by} (${shown})${first === undefined ? ', ' : ': '}${why}.`;
    }
  }
}

/** What kept the walk from an answer, rather than what was merely not done. */
function doubtOf({ layers, notes }: Material): string {
  const missing = layers.find((one) => one.verdict === 'undetermined')?.missing?.[0];
  return missing === undefined ? (notes.at(-1) ?? 'too little is known') : `what is missing is ${missing}`;
}

/** With the one full stop that a sentence has. */
function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** A finding says better than the status why a server could not, or would not, answer. */
function failedBecause(status: number, first: ReportFinding | undefined): string {
  const general = FAILED[Math.floor(status / 100)] ?? 'it failed';
  if (first === undefined) return general;
  const found = first.certainty === 'proven' ? first.title : `${first.certainty}: ${first.title}`;
  return status >= 500 ? found : `${general}. ${found}`;
}

const FAILED: Readonly<Record<number, string>> = {
  4: 'that is no refusal, the request itself or its address is wrong',
  5: 'that is no refusal, the server could not answer',
};

function findingOf({ cause, hop, product, sighting, refines }: Ranked, { source, isSecret, named }: Material): ReportFinding {
  return {
    cause: cause.id,
    refines: [...refines],
    layer: cause.layer,
    product,
    hop,
    title: sighting.title,
    why: sighting.why,
    certainty: certaintyOf(sighting.confidence),
    confidence: Math.round(sighting.confidence * 100) / 100,
    ...(sighting.isBeside === true ? { beside: true } : {}),
    evidence: sighting.evidence.map((one) => ({ ...one })),
    remedies: sighting.remedies.map((remedy) => ({
      who: remedy.who,
      say: remedy.say,
      apply: remedy.apply,
      steps: [...renderSteps(remedy.steps, source, isSecret, named)],
    })),
  };
}

function proofOf(proof: Proof): NonNullable<Report['fix']>['proof'] {
  const { checked, changed } = proof.collateral;
  return { ...proof, collateral: { checked, changed: changed.map((cell) => ({ ...cell })) } };
}

/** Every layer in the report's order; one that nobody reported on was not checked. */
function layersOf({ layers, ranking, exchange, masks }: Material): Report['layers'] {
  const refusing = exchange !== null && !isRefused(exchange.status, masks) ? [] : ranking.findings.slice(0, 1);
  const refused = new Set(refusing.filter((one) => certaintyOf(one.sighting.confidence) !== 'possible').map((one) => one.cause.layer));
  return LAYERS.flatMap((layer) => {
    const reports = layers.filter((one) => one.layer === layer);
    // A server that passed a refusal on has passed the request itself, though the finding is of its layer.
    const isHandedOn = reports.some((one) => one.verdict === 'passed') && layers.some((one) => one.verdict === 'refused');
    if (refused.has(layer) && !isHandedOn) return [{ layer, verdict: 'refused' as const }];
    const worst = ORDER.flatMap((verdict) => reports.filter((one) => one.verdict === verdict))[0];
    if (worst === undefined) return [{ layer, verdict: 'not-checked' as const }];
    return [
      worst.missing === undefined ? { layer, verdict: worst.verdict } : { layer, verdict: worst.verdict, missing: [...worst.missing] },
    ];
  });
}

/** When several hops report on one layer, what weighs most is told. */
const ORDER = ['refused', 'undetermined', 'not-checked', 'passed', 'not-present'] as const;

/** The URL as one would type it: the default port and nothing else left out. */
export function urlOf(question: Question): string {
  const host = question.hostname.includes(':') ? `[${question.hostname}]` : question.hostname;
  const usual = question.scheme === 'https' ? 443 : 80;
  return `${question.scheme}://${host}${question.port === usual ? '' : `:${question.port}`}${question.target}`;
}

function headersOf(question: Question, redactor: Redactor): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of question.headers) {
    const shown = redactor.header(name, value);
    const before = joined.get(name);
    joined.set(name, before === undefined ? shown : `${before}, ${shown}`);
  }
  return Object.fromEntries(joined);
}
