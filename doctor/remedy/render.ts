import type { Edit, Step } from '@why403/decision';
import { applyEdits, renderDiff } from '@why403/terms/diff';
import type { ReportStep } from '../report/schema.ts';

/** Reads a file's text as the house saw it; null when it was not read. */
export type Source = (file: string) => string | null;

/**
 * Turns steps into what a report shows: edits of one file become one diff, in the order in which files
 * first appear; commands keep their place, and a command that occurs twice is told once.
 */
export function renderSteps(steps: readonly Step[], source: Source): readonly ReportStep[] {
  const edits = Map.groupBy(
    steps.flatMap((step) => (step.kind === 'edit' ? step.edits : [])),
    (edit) => edit.file,
  );
  const rendered: ReportStep[] = [];
  const done = new Set<string>();
  const once = (key: string, step: () => ReportStep): void => {
    if (done.has(key)) return;
    done.add(key);
    rendered.push(step());
  };
  for (const step of steps) {
    switch (step.kind) {
      case 'edit':
        for (const { file } of step.edits) once(`edit ${file}`, () => patchOf(file, edits.get(file) ?? [], source));
        break;
      case 'command':
        once(`command ${JSON.stringify(step.argv)}`, () => ({ kind: 'command', argv: [...step.argv] }));
        break;
      case 'manual':
        once(`manual ${step.text}`, () => ({ kind: 'manual', text: step.text }));
        break;
    }
  }
  return rendered;
}

function patchOf(file: string, edits: readonly Edit[], source: Source): ReportStep {
  const before = source(file);
  if (before === null) {
    return { kind: 'manual', text: `Edit ${file} by hand: its text could not be read again to make a patch.` };
  }
  return { kind: 'patch', file, diff: renderDiff(file, before, applyEdits(before, edits)) };
}
