export { type ErrorEntry, type Level, parseErrorEntry, parseErrorLog } from './error-line.ts';
export {
  type Absence,
  type AccessLog,
  absence,
  accessLogsIn,
  type ErrorLog,
  errorLogsIn,
  type LogDefaults,
  type LogTarget,
} from './in-force.ts';
export { accessTime, joinAccess, type Joined, joinErrors, type Sought } from './join.ts';
export {
  type AccessEntry,
  combined,
  type Escaping,
  type LogFormat,
  logFormatFrom,
  parseAccessEntry,
  parseAccessLog,
} from './log-format.ts';
