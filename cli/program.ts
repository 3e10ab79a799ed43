import { Command, CommanderError } from 'commander';
import { exitOf, Fault, isFault } from '@why403/terms/fault';
import { terminalBlock } from '@why403/terms/terminal-text';
import { causesVerb } from './verbs/causes.ts';
import { diagnoseVerb } from './verbs/diagnose.ts';
import { printFault } from './fault.ts';
import { VERSION } from './version.ts';

/** Exit code for a command line that can't be understood. */
const USAGE = 2;
const BROKEN = 4;

/** Runs one command line and tells the exit code. Never throws. */
export async function run(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = new Command('why403')
    .description('Says why a request was refused, and what to change so that it passes and nothing else does.')
    .version(`why403 ${VERSION}`)
    .showSuggestionAfterError(true)
    .showHelpAfterError('(why403 --help shows what can be asked)')
    .exitOverride()
    .configureOutput({ writeErr: (text) => void process.stderr.write(terminalBlock(text)) });
  program.addCommand(
    diagnoseVerb((result) => {
      code = result;
    }),
  );
  program.addCommand(
    causesVerb((result) => {
      code = result;
    }),
  );
  for (const command of program.commands)
    command.exitOverride().configureOutput({ writeErr: (text) => void process.stderr.write(terminalBlock(text)) });
  if (argv.length === 0) {
    program.outputHelp();
    return USAGE;
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    if (isFault(error)) {
      printFault(error);
      return exitOf(error);
    }
    printFault(
      new Fault('tool/bug', `why403 itself failed: ${error instanceof Error ? error.message : String(error)}`, {
        hint: 'Run it again with WHY403_DEBUG=1 to see where, and report that.',
        cause: error,
      }),
    );
    if (process.env['WHY403_DEBUG'] === '1' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
    return BROKEN;
  }
}
