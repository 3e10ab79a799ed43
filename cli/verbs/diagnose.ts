import { type CurlFlag, curlFlags, EVIDENCE_FLAGS, type GivenFlag } from '@why403/doctor';
import { Command, Option } from 'commander';
import { Fault } from '@why403/terms/fault';
import type { Flag } from '@why403/terms/house';
import { houses } from '../generated/houses.ts';
import { answerAll, type DiagnoseOptions } from './answer.ts';

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
    done(await answerAll(url, given, flags, options));
  });
}

function declareCurlFlag(verb: Command, flag: CurlFlag, given: GivenFlag[]): void {
  const names = flag.short === null ? flag.long : `${flag.short}, ${flag.long}`;
  const option = new Option(flag.value === null ? names : `${names} ${flag.value}`, flag.says);
  // Known only so that it is refused with a reason.
  verb.addOption(flag.effect === 'unsupported' ? option.hideHelp() : option);
  verb.on(`option:${flag.long.slice(2)}`, (value: string | undefined) => {
    given.push({ name: flag.long, value: flag.value === null ? null : (value ?? '') });
  });
}
