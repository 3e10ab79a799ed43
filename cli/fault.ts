import { type Fault, printFaultPlace } from '@why403/terms/fault';
import { terminalBlock, terminalLine } from '@why403/terms/terminal-text';

/** A fault as a person reads it on standard error: place, what is wrong, the way out. */
export async function printFault(fault: Fault): Promise<void> {
  const place = fault.where === null ? '' : `${printFaultPlace(fault.where)}: `;
  const conceal = await concealer();
  process.stderr.write(`${terminalLine(conceal(`why403: ${place}${fault.message}`))}\n`);
  if (fault.hint !== null) process.stderr.write(`${terminalLine(conceal(fault.hint))}\n`);
}

/** Where a bug was met, for whoever asked for it with WHY403_DEBUG=1. */
export async function printTrace(error: unknown): Promise<void> {
  const conceal = await concealer();
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${terminalBlock(conceal(trace))}\n`);
}

/** A fault may quote a file or what a server said. The redactor loads only when there is one to print. */
async function concealer(): Promise<(text: string) => string> {
  const { createRunRedactor } = await import('@why403/client');
  const redactor = createRunRedactor();
  return (text) => redactor.text(text);
}
