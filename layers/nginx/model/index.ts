export type * from './trace.ts';
export { compile } from './compile.ts';
export { walk } from './walk.ts';
export { type Layer, type Onion, onion } from './onion.ts';
export { classify, MODELLED } from './settings/table.ts';
