export { connectTarget, overrideFor, type ConnectTo, type Override, type Proxy, type SendPlan, type TlsPlan } from './model/plan.ts';
export { askPorts, readNamedFile, type AskPorts } from './collect/ask-ports.ts';
export { createRunRedactor } from './collect/run-redactor.ts';
