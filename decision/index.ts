export * from './layers.ts';
export * from './cause-id.ts';
export * from './evidence.ts';
export * from './bag.ts';
export * from './remedy.ts';
export * from './cause.ts';
export * from './judgement.ts';
