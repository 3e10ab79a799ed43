import type { Edit, Step } from '@why403/decision';
import { applyEdits, renderDiff } from '@why403/terms/diff';
import type { ReportStep } from '../report/schema.ts';

/** Reads a file's text as the house saw it; null when it was not read. */
export type Source = (file: string) => string | null;

/** Whether a line of a configuration holds a secret, which must not be shown. */
export type IsSecret = (line: string) => boolean;

/** The name that a diff's headers give to a file. */
export type Named = (file: string) => string;

const asItIs: Named = (file) => file;

/** Below a copied tree, `patch -p0 -d ROOT` takes relative names only; `patch -p0 FILE` takes any. */
export const belowRoot: Named = (file) => file.replace(/^\/+/, '');

/**
 * Turns steps into what a report shows: edits of one file become one diff, in the order in which files
 * first appear; commands keep their place, and a command that occurs twice is told once.
 */
export function renderSteps(steps: readonly Step[], source: Source, isSecret: IsSecret, named: Named = asItIs): readonly ReportStep[] {
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
        for (const { file } of step.edits) once(`edit ${file}`, () => patchOf(file, edits.get(file) ?? [], source, isSecret, named));
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

/** Words that make a line of context not worth its risk: leaving it out costs nothing. */
const TELLTALE = /secret|token|passw|passphrase|private[-_ ]?key|api[-_ ]?key|authorization|credential|cookie|bearer|-----/i;

function patchOf(file: string, edits: readonly Edit[], source: Source, isSecret: IsSecret, named: Named): ReportStep {
  const before = source(file);
  if (before === null) {
    return { kind: 'manual', text: `Edit ${file} by hand: its text could not be read again to make a patch.` };
  }
  const diff = renderDiff(named(file), before, applyEdits(before, edits), (line) => TELLTALE.test(line) || isSecret(line));
  const changed = diff.split('\n').slice(2);
  if (!changed.some((line) => /^[-+]/.test(line) && isSecret(line.slice(1)))) return { kind: 'patch', file, diff };
  return { kind: 'manual', text: byHand(file, before, edits, isSecret) };
}

/** A patch must repeat the lines that it changes; where one of them holds a secret, the change is told in words. */
function byHand(file: string, before: string, edits: readonly Edit[], isSecret: IsSecret): string {
  const told = edits.map((edit) => {
    const upTo = before.slice(0, edit.start).split('\n');
    const place = `line ${upTo.length}, column ${(upTo.at(-1)?.length ?? 0) + 1}`;
    const old = before.slice(edit.start, edit.end).trim();
    const text = edit.text.trim();
    const shown = (part: string): string => (isSecret(part) ? 'the text there' : `\`${part.replaceAll(/\s+/g, ' ')}\``);
    if (old === '') return `insert ${shown(text)} at ${place}`;
    return text === '' ? `remove ${shown(old)} at ${place}` : `put ${shown(text)} in the place of ${shown(old)} at ${place}`;
  });
  return `In ${file}: ${told.join('; ')}. No patch is shown, because it would repeat a secret; --apply makes the change itself.`;
}
