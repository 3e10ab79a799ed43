import type { Edit, Step } from '@why403/decision';
import { applyEdits } from '@why403/terms/diff';
import { assemble, type Configuration, descendants, type Directive, parse, type SourceFile } from '../model/syntax/index.ts';

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

/** Where every old directive that no edit covers stands in the patched text, looked up the other way round. */
function originsOf(configuration: Configuration, edits: readonly Edit[]): (directive: Directive) => Directive | null {
  const shifts = new Map<string, (start: number) => number | null>();
  for (const [path, file] of configuration.files) {
    shifts.set(
      path,
      shiftsOf(
        file.text,
        edits.filter((edit) => edit.file === file.real),
      ),
    );
  }
  const origins = new Map<string, Directive>();
  for (const directive of descendants(configuration.directives)) {
    const { file, start } = directive.place;
    const shift = shifts.get(file)?.(start) ?? null;
    const key = keyOf(file, start + (shift ?? 0));
    // A file that is included twice gives two directives of one place; one stands for both.
    if (shift !== null && !origins.has(key)) origins.set(key, directive);
  }
  return ({ place, name }) => {
    const origin = origins.get(keyOf(place.file, place.start));
    return origin?.name === name ? origin : null;
  };
}

/** By how much the edits before an offset move it; null inside of an edit. `applyEdits` alone knows what it makes of them. */
function shiftsOf(text: string, edits: readonly Edit[]): (start: number) => number | null {
  const known = new Map<number, number>();
  return (start) => {
    if (edits.some((edit) => edit.start <= start && start < edit.end)) return null;
    const before = edits.filter((edit) => edit.end <= start);
    const shift = known.get(before.length) ?? applyEdits(text, before).length - text.length;
    known.set(before.length, shift);
    return shift;
  };
}

function keyOf(file: string, start: number): string {
  return `${file}\n${start}`;
}
