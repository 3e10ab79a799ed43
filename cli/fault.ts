import { type Fault, printFaultPlace } from '@why403/terms/fault';
import { terminalLine } from '@why403/terms/terminal-text';

/** A fault as a person reads it on standard error: place, what is wrong, the way out. */
export function printFault(fault: Fault): void {
  const place = fault.where === null ? '' : `${printFaultPlace(fault.where)}: `;
  process.stderr.write(`${terminalLine(`why403: ${place}${fault.message}`)}\n`);
  if (fault.hint !== null) process.stderr.write(`${terminalLine(fault.hint)}\n`);
}
