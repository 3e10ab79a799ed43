import type { Redactor } from '@why403/terms/redaction';
import type { Report, ReportEvidence, ReportFinding, ReportStep } from './schema.ts';

/**
 * The last gate: every sentence and quotation of a report goes through the redactor once more, whoever
 * wrote it. Patches have been through it line by line; paths and commands have to work as they stand.
 */
export function concealReport(report: Report, redactor: Redactor): Report {
  const text = (value: string): string => redactor.text(value);
  const step = (one: ReportStep): ReportStep => concealStep(one, redactor);
  return {
    ...report,
    observed: report.observed === null ? null : concealObserved(report.observed, text),
    summary: text(report.summary),
    ...(report.meaning === undefined ? {} : { meaning: text(report.meaning) }),
    findings: report.findings.map((one) => concealFinding(one, redactor)),
    next: report.next.map((one) => concealFinding(one, redactor)),
    fix: report.fix === null ? null : { steps: report.fix.steps.map(step), proof: concealProof(report.fix.proof, text) },
    layers: report.layers.map((one) => (one.missing === undefined ? one : { ...one, missing: one.missing.map(text) })),
    settle: report.settle === null ? null : concealSettle(report.settle, text),
    notes: report.notes.map(text),
  };
}

type Text = (value: string) => string;

function concealObserved(observed: NonNullable<Report['observed']>, text: Text): NonNullable<Report['observed']> {
  const { producer, masks } = observed;
  return {
    ...observed,
    producer: producer === null ? null : { ...producer, because: text(producer.because) },
    masks: masks === null ? null : { ...masks, says: text(masks.says) },
  };
}

function concealFinding(finding: ReportFinding, redactor: Redactor): ReportFinding {
  const text: Text = (value) => redactor.text(value);
  return {
    ...finding,
    title: text(finding.title),
    why: text(finding.why),
    evidence: finding.evidence.map((one) => concealEvidence(one, text)),
    remedies: finding.remedies.map((remedy) => ({
      ...remedy,
      say: text(remedy.say),
      steps: remedy.steps.map((step) => concealStep(step, redactor)),
      ...(remedy.proof === undefined ? {} : { proof: concealProof(remedy.proof, text) }),
    })),
  };
}

function concealEvidence(evidence: ReportEvidence, text: Text): ReportEvidence {
  return { ...evidence, says: text(evidence.says), ...(evidence.text === undefined ? {} : { text: text(evidence.text) }) };
}

function concealProof<P extends NonNullable<Report['fix']>['proof']>(proof: P, text: Text): P {
  const changed = proof.collateral.changed.map((cell) => ({ ...cell, label: text(cell.label), url: text(cell.url) }));
  return { ...proof, how: text(proof.how), collateral: { ...proof.collateral, changed } };
}

function concealSettle(settle: NonNullable<Report['settle']>, text: Text): NonNullable<Report['settle']> {
  return {
    ...settle,
    check: text(settle.check),
    why: text(settle.why),
    ...(settle.argv === undefined ? {} : { argv: settle.argv.map(text) }),
  };
}

/** A command with a hole where a secret stood must not look as if it could be run. */
function concealStep(step: ReportStep, redactor: Redactor): ReportStep {
  if (step.kind === 'manual') return { kind: 'manual', text: redactor.text(step.text) };
  if (step.kind === 'patch') return step;
  const shown = step.argv.map((word) => redactor.text(word));
  if (shown.every((word, index) => word === step.argv[index])) return step;
  return { kind: 'manual', text: `Run this, with the secrets put back where they are left out: ${shown.join(' ')}` };
}
