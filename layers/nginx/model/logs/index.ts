export { type ErrorEntry, isLevel, type Level, LEVELS, parseErrorEntry, parseErrorLog } from './error-line.ts';
export {
  type Absence,
  type AccessLog,
  absence,
  accessLogsIn,
  type ErrorLog,
  errorLogsIn,
  type LogDefaults,
  type LogTarget,
  records,
} from './in-force.ts';
export { accessTime, joinAccess, type Joined, joinErrors, requestLine, type Sought } from './join.ts';
export {
  type AccessEntry,
  combined,
  type Escaping,
  type LogFormat,
  logFormatFrom,
  parseAccessEntry,
  parseAccessLog,
} from './log-format.ts';
