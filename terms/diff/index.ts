export { applyEdits } from './edits.ts';
export { renderDiff } from './render.ts';
