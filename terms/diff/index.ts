export { applyEdits, contradict } from './edits.ts';
export { renderDiff } from './render.ts';
