import type { Edit, Step } from '@why403/decision';
import { applyEdits } from '@why403/terms/diff';
import { assemble, type Configuration, type Directive, parse, type SourceFile } from '../model/syntax/index.ts';

/** A configuration after edits, and the way back to the directives it was before. */
export interface Patched {
  readonly configuration: Configuration;
  /** The directive as it stood before the edits; null for one that they brought in. */
  origin(directive: Directive): Directive | null;
}

export type Patching = { readonly ok: Patched } | { readonly problem: string };

/** Carries out a fix's edits on the texts as they were read, and reads the result again. Pure. */
export function patch(configuration: Configuration, steps: readonly Step[]): Patching {
  const edits = steps.flatMap((step) => (step.kind === 'edit' ? step.edits : []));
  if (edits.length === 0) return { ok: { configuration, origin: (directive) => directive } };
  const known = new Set([...configuration.files.values()].map((file) => file.real));
  const stranger = edits.find((edit) => !known.has(edit.file));
  if (stranger !== undefined) return { problem: `${stranger.file} is not a file of this configuration` };
  const files = new Map<string, SourceFile>();
  for (const [path, file] of configuration.files) {
    const patched = patchFile(
      file,
      edits.filter((edit) => edit.file === file.real),
    );
    if ('problem' in patched) return patched;
    files.set(path, patched.ok);
  }
  const assembled = assemble(configuration.main, configuration.prefix, files, (pattern, place) => {
    const same = configuration.includes.find(({ directive }) => directive.args[0] === pattern && directive.place.file === place.file);
    if (same !== undefined) return { paths: same.paths };
    return files.has(pattern) ? { paths: [pattern] } : { why: 'it was not included before the change' };
  });
  if ('error' in assembled)
    return { problem: `after the change: ${assembled.error.message} in ${assembled.error.place.file}:${assembled.error.place.line}` };
  return { ok: { configuration: assembled.ok, origin: originsOf(configuration, edits) } };
}

function patchFile(file: SourceFile, edits: readonly Edit[]): { readonly ok: SourceFile } | { readonly problem: string } {
  if (edits.length === 0) return { ok: file };
  try {
    const parsed = parse(applyEdits(file.text, edits), file.path, { real: file.real, encoding: file.encoding });
    if ('ok' in parsed) return parsed;
    return { problem: `after the change: ${parsed.error.message} in ${file.path}:${parsed.error.place.line}` };
  } catch (error) {
    // applyEdits throws a RangeError for edits that contradict each other, which is the fix's fault.
    if (error instanceof RangeError) return { problem: `${file.path}: ${error.message}` };
    throw error;
  }
}

/** Finds a directive of the patched text in the old one by shifting its offset back over the edits before it. */
function originsOf(configuration: Configuration, edits: readonly Edit[]): (directive: Directive) => Directive | null {
  const before = new Map<string, Directive>();
  const note = (directive: Directive): void => {
    const key = keyOf(directive.place.file, directive.place.start);
    if (!before.has(key)) before.set(key, directive);
    for (const child of directive.block ?? []) note(child);
  };
  for (const directive of configuration.directives) note(directive);
  // As applyEdits: what is asked for twice is done once.
  const isNew = (edit: Edit, at: number): boolean =>
    !edits.slice(0, at).some((one) => one.file === edit.file && one.start === edit.start && one.end === edit.end && one.text === edit.text);
  const ordered = edits.filter(isNew).toSorted((a, b) => a.start - b.start || a.end - b.end);
  return (directive) => {
    const real = configuration.files.get(directive.place.file)?.real;
    let offset = directive.place.start;
    for (const edit of ordered.filter((one) => one.file === real)) {
      if (edit.start > offset) break;
      if (offset < edit.start + edit.text.length) return null;
      offset += edit.end - edit.start - edit.text.length;
    }
    const found = before.get(keyOf(directive.place.file, offset));
    return found?.name === directive.name ? found : null;
  };
}

function keyOf(file: string, start: number): string {
  return `${file}\n${start}`;
}
