import { askPorts, createRunRedactor } from '@why403/client';
import {
  type Asked,
  type AskSettings,
  askUrl,
  diagnose,
  type Diagnosis,
  type Errand,
  exitCodeOf,
  followRedirect,
  type GivenFlag,
  portsFor,
  renderJson,
  renderTerminal,
} from '@why403/doctor';
import { exitOf, Fault, isFault } from '@why403/terms/fault';
import { causes } from '../generated/causes.ts';
import { houses } from '../generated/houses.ts';
import { styleFor, widthOf } from '../terminal.ts';
import { VERSION } from '../version.ts';
import { checkEvidence, checkIsNoFile } from '../evidence.ts';
import { applyFix } from './apply-fix.ts';

export interface DiagnoseOptions {
  readonly json?: true;
  readonly quiet?: true;
  readonly color?: boolean;
  readonly proof: boolean;
  readonly send?: true;
  readonly probe?: true;
  readonly apply?: true;
  readonly from?: string;
  readonly as?: string;
}

/** Answers the question, and with --location every question that redirects make of it; tells the last one's exit code. */
export async function answerAll(
  url: string,
  given: readonly GivenFlag[],
  flags: ReadonlyMap<string, readonly string[]>,
  options: DiagnoseOptions,
): Promise<number> {
  checkIsNoFile(url);
  const evidence = checkEvidence(flags);
  const settings: AskSettings = {
    maySend: options.send === true,
    hasEvidence: flags.has('--root') || flags.has('--nginx'),
    mayProbe: options.probe === true,
    ...(options.from === undefined ? {} : { from: options.from }),
    ...(options.as === undefined ? {} : { as: options.as }),
  };
  let code = 0;
  for (let next: Asked | Fault | null = askUrl(url, given, settings, askPorts(VERSION)); next !== null; ) {
    if (isFault(next)) throw next;
    if (options.apply === true) checkCanAskAgain(next);
    const { diagnosis, code: ended } = await answer(next, evidence, options);
    code = ended;
    const { exchange } = diagnosis;
    next = exchange === null ? null : followRedirect(next, exchange, settings, askPorts(VERSION));
  }
  return code;
}

async function answer(
  asked: Asked,
  flags: ReadonlyMap<string, readonly string[]>,
  options: DiagnoseOptions,
): Promise<{ readonly diagnosis: Diagnosis; readonly code: number }> {
  const interruption = new AbortController();
  const { question, plan, notes } = asked;
  const errand: Errand = { question, flags, unsent: plan.send.allowed ? null : plan.send.why, notes };
  const ports = portsFor(plan, houses, interruption.signal);
  let isApplying = false;
  const onInterrupt = (): void => {
    // Whoever insists gets out at once, and so does a fix that is being done: on exit everything is undone.
    if (isApplying) process.stderr.write('why403: stopped; a fix that was not yet reported as applied is taken back\n');
    if (isApplying || interruption.signal.aborted) process.exit(exitOf(INTERRUPTED));
    interruption.abort();
  };
  process.on('SIGINT', onInterrupt).on('SIGTERM', onInterrupt);
  const progress = progressOn(options);
  try {
    const diagnosis = await diagnose(errand, causes, createRunRedactor(), ports, {
      prove: options.proof,
      signal: interruption.signal,
      onStage: progress.say,
    });
    progress.end();
    show(diagnosis, options);
    isApplying = true;
    const applied = options.apply === true ? await applyFix(diagnosis, errand, ports) : null;
    return { diagnosis, code: applied ?? exitCodeOf(diagnosis.report) };
  } catch (error) {
    progress.end();
    if (interruption.signal.aborted) throw INTERRUPTED;
    throw error;
  } finally {
    process.removeListener('SIGINT', onInterrupt).removeListener('SIGTERM', onInterrupt);
  }
}

/** A fix that can't be seen to help is not done on the real files. */
function checkCanAskAgain({ plan }: Asked): void {
  if (plan.send.allowed) return;
  throw new Fault('usage/conflict', `--apply asks again to see whether the fix helped, but this request is not sent. ${plan.send.why}`, {
    hint: 'Leave --apply away and do the fix that the report shows.',
  });
}

const INTERRUPTED = new Fault('tool/interrupted', 'stopped before there was an answer', {
  hint: 'Nothing was changed, and nothing of the private copy is left.',
});

function show({ report }: Diagnosis, options: DiagnoseOptions): void {
  if (options.json === true) {
    process.stdout.write(renderJson(report));
    return;
  }
  process.stdout.write(
    renderTerminal(report, {
      width: widthOf(process.stdout),
      style: styleFor(process.stdout, options.color !== false),
      brief: options.quiet === true,
    }),
  );
}

/** Tells what is going on, once it takes long, on a terminal only. */
function progressOn(options: DiagnoseOptions): { say: (stage: string) => void; end: () => void } {
  if (options.json === true || options.quiet === true || !process.stderr.isTTY) return { say: () => undefined, end: () => undefined };
  let stage = '';
  const timer = setInterval(() => process.stderr.write(`\r\u001b[K${stage}…`), 1000);
  return {
    say: (next) => {
      stage = next;
    },
    end: () => {
      clearInterval(timer);
      process.stderr.write('\r\u001b[K');
    },
  };
}
