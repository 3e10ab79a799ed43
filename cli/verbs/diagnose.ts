import { askPorts, createRunRedactor } from '@why403/client';
import {
  askUrl,
  type CurlFlag,
  curlFlags,
  diagnose,
  type Diagnosis,
  type Errand,
  EVIDENCE_FLAGS,
  exitCodeOf,
  type GivenFlag,
  isRefusalStatus,
  portsFor,
  renderJson,
  renderTerminal,
} from '@why403/doctor';
import { Command, Option } from 'commander';
import { Fault, isFault } from '@why403/terms/fault';
import { terminalLine } from '@why403/terms/terminal-text';
import type { Flag } from '@why403/terms/house';
import { causes } from '../generated/causes.ts';
import { houses } from '../generated/houses.ts';
import { styleFor, widthOf } from '../terminal.ts';
import { VERSION } from '../version.ts';

interface DiagnoseOptions {
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

/** `why403 diagnose URL`, with curl's own flags. */
export function diagnoseVerb(done: (code: number) => void): Command {
  const given: GivenFlag[] = [];
  const flags = new Map<string, readonly string[]>();
  const evidence: readonly Flag[] = [...houses.flatMap((house) => house.flags), ...EVIDENCE_FLAGS];
  const verb = new Command('diagnose')
    .description('say why a request is refused and what to change')
    .argument('[url]', 'what was asked for; curl flags give the rest of the request')
    .optionsGroup('The answer:')
    .option('--json', 'as one line of JSON, why403/report@1')
    .option('--quiet', 'only the answer, the place and the fix')
    .option('--no-color', 'no colors (also by NO_COLOR, or when not on a terminal)')
    .option('--no-proof', "don't try the fix on a private copy")
    .option('--apply', 'do the fix on the real files: backup, test, reload, ask again, undo unless it helped')
    .optionsGroup('What is sent:')
    .option('--send', 'also send requests that may change something')
    .option('--probe', 'send the request although evidence was given')
    .option('--from <address>', 'judge as if the client were there')
    .option('--as <user>', "judge as if the server's worker ran as this account")
    .optionsGroup('Evidence:');
  for (const flag of evidence) {
    const option = new Option(flag.value === null ? flag.name : `${flag.name} <${flag.value}>`, flag.says);
    verb.addOption(option);
    verb.on(`option:${flag.name.slice(2)}`, (value: string) => {
      flags.set(flag.name, flag.repeatable ? [...(flags.get(flag.name) ?? []), value] : [value]);
    });
  }
  verb.optionsGroup("The request, by curl's own flags:");
  for (const flag of curlFlags.filter((one) => !one.isPastedOnly)) declareCurlFlag(verb, flag, given);
  return verb.action(async (url: string | undefined, options: DiagnoseOptions) => {
    if (url === undefined) {
      throw new Fault('usage/nothing-asked', 'nothing was asked: a URL is missing', {
        hint: 'Try: why403 diagnose http://localhost/private/',
      });
    }
    done(await answer(url, given, flags, options));
  });
}

function declareCurlFlag(verb: Command, flag: CurlFlag, given: GivenFlag[]): void {
  const names = flag.short === null ? flag.long : `${flag.short}, ${flag.long}`;
  verb.addOption(new Option(flag.value === null ? names : `${names} ${flag.value}`, flag.says));
  verb.on(`option:${flag.long.slice(2)}`, (value: string | undefined) => {
    given.push({ name: flag.long, value: flag.value === null ? null : (value ?? '') });
  });
}

async function answer(
  url: string,
  given: readonly GivenFlag[],
  flags: ReadonlyMap<string, readonly string[]>,
  options: DiagnoseOptions,
): Promise<number> {
  const asked = askUrl(
    url,
    given,
    {
      maySend: options.send === true,
      hasEvidence: flags.has('--root') || flags.has('--nginx'),
      mayProbe: options.probe === true,
      ...(options.from === undefined ? {} : { from: options.from }),
      ...(options.as === undefined ? {} : { as: options.as }),
    },
    askPorts(VERSION),
  );
  if (isFault(asked)) throw asked;
  const redactor = createRunRedactor();
  const interruption = new AbortController();
  const errand: Errand = {
    question: asked.question,
    flags,
    unsent: asked.plan.send.allowed ? null : asked.plan.send.why,
    notes: asked.notes,
  };
  const ports = portsFor(asked.plan, houses, interruption.signal);
  const onInterrupt = (): void => interruption.abort();
  process.once('SIGINT', onInterrupt).once('SIGTERM', onInterrupt);
  const progress = progressOn(options);
  try {
    const diagnosis = await diagnose(errand, causes, redactor, ports, {
      prove: options.proof,
      signal: interruption.signal,
      onStage: progress.say,
    });
    progress.end();
    show(diagnosis, options);
    const applied = options.apply === true ? await apply(diagnosis, errand, ports) : null;
    return applied ?? exitCodeOf(diagnosis.report);
  } catch (error) {
    progress.end();
    if (interruption.signal.aborted) throw new Fault('tool/interrupted', 'stopped before there was an answer', { cause: error });
    throw error;
  } finally {
    process.removeListener('SIGINT', onInterrupt).removeListener('SIGTERM', onInterrupt);
  }
}

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

/** Does the fix and says what came of it; null when there is nothing to do. */
async function apply({ fix, visited }: Diagnosis, errand: Errand, ports: ReturnType<typeof portsFor>): Promise<number | null> {
  const visit = visited[0]?.visit;
  const tell = (text: string): void => void process.stderr.write(`${terminalLine(text)}\n`);
  if (visit === undefined || fix === null) {
    tell('There is no fix that could be applied.');
    return null;
  }
  if (fix.proof.status === 'refuted') {
    tell('The fix did not help on the private copy, so nothing was changed.');
    return null;
  }
  const ask = async (): Promise<number | null> => {
    const { addresses } = await ports.resolve(errand.question);
    if (addresses.length === 0 || errand.unsent !== null) return null;
    const sent = await ports.send(errand.question, addresses);
    return sent.state === 'answered' ? sent.exchange.status : null;
  };
  const applied = await visit.apply(fix.steps, ask, fix.proof.after);
  tell(applied.says);
  for (const backup of applied.backups) tell(`Backup: ${backup}`);
  if (applied.status !== 'applied') return 1;
  const status = await ask();
  return status !== null && isRefusalStatus(status) ? 1 : 0;
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
