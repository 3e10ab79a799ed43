import { terminalLine as safeText } from '@why403/terms/terminal-text';
import type { Report, ReportEvidence, ReportFinding, ReportProof, ReportStep } from './schema.ts';
import { paragraph, type Style } from './layout.ts';
import { isRefusalStatus } from './outcome.ts';

export interface TerminalOptions {
  /** In characters; text is wrapped to it, quotations and diffs are not. */
  readonly width: number;
  readonly style: Style;
  /** Only the answer, the place and the fix. */
  readonly brief: boolean;
}

/** Words for certainty that a screen reader can say; never color alone. */
const SURE: Readonly<Record<ReportFinding['certainty'], string>> = {
  proven: 'proven',
  likely: 'likely',
  possible: 'possible',
};

/** The report as text: the answer first, then place, evidence, fix, proof, what comes next, what was ruled out. */
export function renderTerminal(report: Report, options: TerminalOptions): string {
  const { style } = options;
  const out: string[] = [];
  const say = (text: string, indent = 0): void => {
    out.push(...paragraph(safeText(text), options.width, indent));
  };
  const head = report.outcome === 'refused' ? style.bad : report.outcome === 'allowed' ? style.good : style.warn;
  out.push(...paragraph(safeText(report.summary), options.width, 0).map(head));
  if (report.meaning !== undefined && !options.brief) say(report.meaning);

  const [first, ...others] = report.findings;
  const rivals = others.filter((one) => one.beside !== true);
  if (first !== undefined) {
    out.push('');
    finding(first, out, options);
  }
  if (report.fix !== null) {
    out.push('', style.strong('Fix'));
    for (const step of report.fix.steps) renderStep(step, out, options, 2);
    proof(report.fix.proof, out, options);
  } else if (first !== undefined) {
    out.push('', style.strong(first.remedies[0]?.apply === 'none' ? 'Keep it' : 'What to do'));
    for (const remedy of first.remedies) {
      say(remedy.say, 2);
      for (const step of remedy.steps) renderStep(step, out, options, 4);
    }
  }
  if (report.next.length > 0) {
    out.push('', style.strong('Would refuse next'));
    for (const one of report.next) {
      say(`${one.title} [${one.cause}, ${SURE[one.certainty]}]`, 2);
      for (const item of one.evidence.slice(0, 1)) evidence(item, out, options, 4);
    }
  }
  if (rivals.length > 0) {
    out.push('', style.strong('Or else'));
    for (const one of rivals) {
      say(`${one.title} [${one.cause}, ${SURE[one.certainty]}]`, 2);
      if (!options.brief) for (const item of one.evidence.slice(0, 2)) evidence(item, out, options, 4);
    }
  }
  for (const one of others.filter(({ beside }) => beside === true)) {
    out.push('', style.strong('Beside it'));
    say(`${one.title} [${one.cause}]`, 2);
    if (!options.brief) for (const item of one.evidence.slice(0, 1)) evidence(item, out, options, 4);
  }
  if (report.settle !== null) {
    out.push('', style.strong('To settle it'));
    say(report.settle.check, 2);
    if (report.settle.argv !== undefined) out.push(`    ${safeText(shellWords(report.settle.argv))}`);
    if (!options.brief) say(report.settle.why, 2);
  }
  if (!options.brief) closing(report, out, options);
  return `${out.join('\n')}\n`;
}

function finding(one: ReportFinding, out: string[], options: TerminalOptions): void {
  out.push(...paragraph(safeText(one.why), options.width, 0));
  const shown = options.brief ? one.evidence.slice(0, 1) : one.evidence;
  for (const item of shown) evidence(item, out, options, 2);
  const broader = one.refines.length > 0 ? `, a kind of ${one.refines.join(', ')}` : '';
  out.push(
    ...paragraph(
      safeText(`Cause ${one.cause}${broader}; ${SURE[one.certainty]}, confidence ${one.confidence.toFixed(2)}.`),
      options.width,
      0,
    ).map(options.style.quiet),
  );
}

function evidence(item: ReportEvidence, out: string[], options: TerminalOptions, indent: number): void {
  const pad = ' '.repeat(indent);
  const place = item.file === undefined ? item.kind : `${item.file}${item.line === undefined ? '' : `:${item.line}`}`;
  out.push(`${pad}${options.style.place(safeText(place))}`);
  if (item.text !== undefined) {
    for (const line of item.text.split('\n')) out.push(`${pad}  | ${safeText(line)}`);
  }
  out.push(...paragraph(safeText(item.says), options.width, indent + 2));
}

function renderStep(step: ReportStep, out: string[], options: TerminalOptions, indent: number): void {
  const pad = ' '.repeat(indent);
  switch (step.kind) {
    case 'patch':
      for (const line of step.diff.replace(/\n$/, '').split('\n')) {
        const text = `${pad}${safeText(line)}`;
        out.push(line.startsWith('+') ? options.style.good(text) : line.startsWith('-') ? options.style.bad(text) : text);
      }
      return;
    case 'command':
      out.push(`${pad}$ ${safeText(shellWords(step.argv))}`);
      return;
    case 'manual':
      out.push(...paragraph(safeText(step.text), options.width, indent));
  }
}

function proof(result: ReportProof, out: string[], options: TerminalOptions): void {
  const words = { proven: 'Proven', refuted: 'Refuted', 'not-run': 'Not tried' }[result.status];
  const change = result.before === null && result.after === null ? '' : `: ${result.before ?? '?'} before, ${result.after ?? '?'} after`;
  const style = result.status === 'proven' ? options.style.good : options.style.warn;
  out.push(...paragraph(safeText(`${words}${change} (${result.how}).`), options.width, 2).map(style));
  if (result.status === 'refuted' && result.after !== null && !isRefusalStatus(result.after)) {
    out.push(
      ...paragraph(`It is no longer refused then, but ${result.after} is no success either: something else is missing.`, options.width, 2),
    );
  }
  const { checked, changed } = result.collateral;
  if (checked === 0) return;
  const told = changed.length === 0 ? 'none of them changed' : `${changed.length} of them changed${options.brief ? '' : ':'}`;
  out.push(...paragraph(`${checked} other requests were tried as well, ${told}`, options.width, 2));
  if (options.brief) return;
  for (const cell of changed) {
    const line = `${cell.label}: ${cell.before ?? '?'} -> ${cell.after ?? '?'}`;
    out.push(...paragraph(safeText(line), options.width, 4));
  }
}

function closing(report: Report, out: string[], options: TerminalOptions): void {
  const quiet = (text: string): void => void out.push(...paragraph(safeText(text), options.width, 0).map(options.style.quiet));
  const names = (list: Report['layers']): string => list.map((one) => one.layer).join(', ');
  const by = (verdict: string): Report['layers'] => report.layers.filter((one) => one.verdict === verdict);
  const open = [...by('undetermined'), ...by('not-checked')];
  const unexplained = open.filter((one) => one.missing === undefined);
  out.push('');
  if (by('passed').length > 0) out.push(...paragraph(`Passed: ${names(by('passed'))}.`, options.width, 0));
  for (const one of open) {
    if (one.missing !== undefined)
      quiet(`${one.verdict === 'undetermined' ? 'Undetermined' : 'Not checked'}: ${one.layer} (${one.missing.join('; ')}).`);
  }
  if (unexplained.length > 0) quiet(`Not checked: ${names(unexplained)}.`);
  if (by('not-present').length > 0) quiet(`Not in the way: ${names(by('not-present'))}.`);
  for (const note of report.notes) quiet(`Note: ${note.replace(/\.?$/, '.')}`);
}

/** An argument list as one would type it in a POSIX shell. */
export function shellWords(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
