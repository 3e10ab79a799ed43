export type * from './model/tree.ts';
