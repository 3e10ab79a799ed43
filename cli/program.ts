import { Command, CommanderError } from 'commander';
import { exitOf, Fault, isFault } from '@why403/terms/fault';
import { causesVerb } from './verbs/causes.ts';
import { diagnoseVerb } from './verbs/diagnose.ts';
import { printFault, printTrace } from './fault.ts';
import { faultOf } from './usage.ts';
import { VERSION } from './version.ts';

/** Exit code for a command line that can't be understood. */
const USAGE = 2;
const BROKEN = 4;
/** What Commander would write itself may repeat a secret from the command line: `faultOf` says it instead. */
const SILENT = { writeErr: () => undefined };

/** Runs one command line and tells the exit code. Never throws. */
export async function run(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = new Command('why403')
    .description('Says why a request was refused, and what to change so that it passes and nothing else does.')
    .version(`why403 ${VERSION}`)
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput(SILENT);
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
  for (const command of program.commands) command.exitOverride().configureOutput(SILENT);
  if (argv.length === 0) {
    program.outputHelp();
    return USAGE;
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    const fault =
      error instanceof CommanderError
        ? faultOf(
            error,
            flagsOf(program, argv),
            program.commands.map((command) => command.name()),
          )
        : error;
    if (fault === null) return 0;
    if (isFault(fault)) {
      await printFault(fault);
      return exitOf(fault);
    }
    await printFault(
      new Fault('tool/bug', `why403 itself failed: ${error instanceof Error ? error.message : String(error)}`, {
        hint: 'Run it again with WHY403_DEBUG=1 to see where, and report that.',
        cause: error,
      }),
    );
    if (process.env['WHY403_DEBUG'] === '1') await printTrace(error);
    return BROKEN;
  }
}

/** Every flag that could have been meant: those of the command that was asked for, else the program's own. */
function flagsOf(program: Command, argv: readonly string[]): readonly string[] {
  const command = program.commands.find((one) => one.name() === argv[0]) ?? program;
  return command.options.flatMap((option) => (option.long === undefined ? [] : [option.long]));
}
