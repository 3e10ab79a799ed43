export { findListener, type ListenerSight, type ListenerWishes } from './collect/listener.ts';
export type { ChangedFile, Reload } from './causes/evidence.ts';
