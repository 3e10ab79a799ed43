import type { Step } from '@why403/decision';
import type { Cell } from '@why403/terms/house';
import type { Question } from '@why403/terms/request';
import { editsOf } from '../model/what-if.ts';
import { type Configuration, type Directive, descendants } from '../model/syntax/index.ts';

/** Most cells that a house adds to the doctor's matrix. */
const MOST = 12;

/** Requests into every location of the servers that an edit touches, so that a section opened by accident shows. */
export function neighborsOf(configuration: Configuration, question: Question, steps: readonly Step[]): readonly Cell[] {
  const edits = editsOf(steps);
  if (edits.length === 0) return [];
  const touched = descendants(configuration.directives).filter(
    (one) => one.name === 'server' && edits.some((edit) => isInside(configuration, one, edit.file, edit.start)),
  );
  const locations = touched.flatMap((server) => descendants(server.block ?? [])).filter((one) => one.name === 'location');
  const cells = locations.flatMap((location): readonly Cell[] => {
    const target = exampleOf(location);
    return target === null ? [] : [{ label: `location ${location.args.join(' ')}`, question: { ...question, target } }];
  });
  const seen = new Set([question.target]);
  return cells.filter((cell) => !seen.has(cell.question.target) && seen.add(cell.question.target)).slice(0, MOST);
}

function isInside(configuration: Configuration, block: Directive, file: string, offset: number): boolean {
  const real = configuration.files.get(block.span.file)?.real;
  if (real === file && block.span.start <= offset && offset <= block.span.end) return true;
  // What an include brings into the block counts as inside it.
  return descendants(block.block ?? []).some(
    (inner) => configuration.files.get(inner.span.file)?.real === file && inner.span.start <= offset && offset <= inner.span.end,
  );
}

/** A path that the location was likely written for; null for named ones and for patterns too clever to guess. */
function exampleOf(location: Directive): string | null {
  const [modifier, pattern = ''] = location.args.length > 1 ? location.args : ['', location.args[0]];
  if (pattern.startsWith('@') || modifier === '@') return null;
  if (modifier !== '~' && modifier !== '~*') return pattern.startsWith('/') ? pattern : null;
  const ending = /\\\.\(?(?:\?:)?([a-z0-9]+)/i.exec(pattern)?.[1];
  if (ending !== undefined && pattern.endsWith('$')) return `/why403-neighbor.${ending}`;
  const start = /^\^(\/[\w/.-]*)/.exec(pattern)?.[1];
  return start ?? null;
}
