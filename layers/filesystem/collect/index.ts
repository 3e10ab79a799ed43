export { emptyTree, outside, THIS_MACHINE, viewOfCopy, viewOfProcess } from './view.ts';
export type { View } from './view.ts';
export { lookOnce, survey } from './survey.ts';
export type { Redact, Surveyed } from './survey.ts';
export { identityNamed, identityOfProcess, readAccounts } from './users.ts';
