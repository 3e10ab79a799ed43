import { FAULTS, type FaultCode, type FaultExit } from './codes.ts';

export { FAULTS, type FaultCode, type FaultExit } from './codes.ts';

/** Where a fault lies: in the URL, in a flag's value or in a file. `line` and `column` count from 1. */
export interface FaultPlace {
  /** A path, or what was typed it in: `the URL`, `--header`. */
  readonly in: string;
  readonly line?: number;
  readonly column?: number;
}

export interface FaultDetails {
  /** The way out, as a sentence. */
  readonly hint?: string;
  readonly where?: FaultPlace;
  readonly cause?: unknown;
}

/**
 * An operator's fault or a bug: the only class of error that why403 raises itself. Refusals are values
 * and never faults. Match on `code`. Neither message nor hint may quote a secret.
 */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly hint: string | null;
  readonly where: FaultPlace | null;

  constructor(code: FaultCode, message: string, details: FaultDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint ?? null;
    this.where = details.where ?? null;
  }
}

/** Whether a value is a fault, also one from another copy of this module. */
export function isFault(value: unknown): value is Fault {
  return value instanceof Error && 'code' in value && typeof value.code === 'string' && Object.hasOwn(FAULTS, value.code);
}

/** The exit code that a fault ends the program with. */
export function exitOf(fault: Fault): FaultExit {
  return FAULTS[fault.code].exit;
}

/** `FILE:LINE:COLUMN`, with what is known of it. */
export function printFaultPlace(place: FaultPlace): string {
  return [place.in, place.line, place.column].filter((part) => part !== undefined).join(':');
}
