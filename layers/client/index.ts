export { overrideFor, type ConnectTo, type Override, type Proxy, type SendPlan, type TlsPlan } from './model/plan.ts';
export { connectionTarget } from './model/wire.ts';
export { askPorts, readNamedFile, type AskPorts } from './collect/ask-ports.ts';
export { createRunRedactor } from './collect/run-redactor.ts';
export type { ProbeFailure, ProbeFailureKind, ProbePhase } from './model/failure.ts';
export { probe, type ProbeOutcome } from './collect/probe.ts';
export type { Mismatch, Mismatches } from './model/mismatch.ts';
// What houses put into a bag under 'client/mismatches'.
export type * from './causes/evidence.ts';
