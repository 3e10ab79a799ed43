import type { Evidence } from '@why403/decision';
import type { FileTree } from '@why403/filesystem';
import type { Directive } from '../../model/syntax/ast.ts';
import { blockAt, inherited } from '../blocks.ts';
import { quote } from '../quote.ts';
import type { NginxRefusals } from '../evidence.ts';
import type { Seen } from '../sightings.ts';

/** A directory that was asked for, without an index file that nginx knows and without a listing. */
export type NoIndex = Seen<'no-index'>;

/** What nginx takes when no index directive is written. */
const DEFAULT_INDEX = ['index.html'];

/** Directories in which frameworks keep what is meant to be public. */
const PUBLIC_DIRECTORIES = ['public', 'www', 'web', 'htdocs', 'html', 'dist', 'build', 'out', '_site', 'site', 'current', 'pub', 'webroot'];

export function indexDirective(item: NoIndex): Directive | null {
  return inherited(blockAt(item.walk, item.check), 'index');
}

export function indexNames(item: NoIndex): readonly string[] {
  return indexDirective(item)?.args ?? DEFAULT_INDEX;
}

/** A file that was meant as the index but has a name or a letter case that nginx doesn't try. */
export function indexLike(item: NoIndex): string | null {
  const { names } = item.refusal;
  if (names === null) return null;
  const tried = new Set(indexNames(item));
  const caseTwin = names.find((name) => !tried.has(name) && [...tried].some((one) => one.toLowerCase() === name.toLowerCase()));
  return (
    caseTwin ??
    names.find(
      (name) => !tried.has(name) && /^(?:index|default|home|welcome)\.(?:x?html?|php\d?|phtml|aspx?|jsp|cgi|pl|py|txt|shtml)$/i.test(name),
    ) ??
    null
  );
}

/** A directory below that holds an index file nginx would take: the root points one level too high. */
export function publicDirectoryBelow(item: NoIndex, all: NginxRefusals): PublicDirectory | null {
  return publicDirectoryIn(item.refusal, indexNames(item), all.tree);
}

export interface PublicDirectory {
  readonly name: string;
  readonly index: string;
}

/** The same for a collector, which must have looked before a cause can ask. */
export function publicDirectoryIn(
  { directory, names }: Pick<NoIndex['refusal'], 'directory' | 'names'>,
  index: readonly string[],
  tree: FileTree,
): PublicDirectory | null {
  const base = directory.replace(/\/+$/, '');
  const found = PUBLIC_DIRECTORIES.filter((one) => names?.includes(one)).flatMap((name) =>
    index.filter((file) => tree.look(`${base}/${name}/${file}`).state === 'present').map((file) => ({ name, index: file })),
  );
  return found[0] ?? null;
}

/** The directives that led nginx to the directory, for quoting. */
export function evidenceOf(item: NoIndex): readonly [Evidence, ...Evidence[]] {
  const { directory, names, root, tryFiles } = item.refusal;
  const index = indexDirective(item);
  const listed = names === null ? 'its contents were not read' : names.length === 0 ? 'it is empty' : `it holds ${some(names)}`;
  return [
    { kind: 'file', file: directory, says: `nginx looked here for ${indexNames(item).join(', ')}; ${listed}.`, audience: 'operator' },
    ...(index === null ? [] : [quote(index, 'These names are tried, in this order.')]),
    ...(root === null ? [] : [quote(root, 'The directory follows from this.')]),
    ...(tryFiles === null ? [] : [quote(tryFiles, 'The candidate that ends in / finds the directory, and then its index is wanted.')]),
  ];
}

const SHOWN = 6;

function some(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(', ');
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}
