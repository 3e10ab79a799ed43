export { findListener, type ListenerSight, type ListenerWishes } from './collect/listener.ts';
