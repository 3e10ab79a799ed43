import type { Place } from '@why403/terms/place';
import type { Configuration, ConfigurationError, Directive, SourceFile } from './ast.ts';

export type Assembled = { readonly ok: Configuration } | { readonly error: ConfigurationError };

/**
 * What an include leads to: files in the order nginx reads them, some of which nobody could read; a reason
 * why nobody could look; or the error that nginx itself would stop with.
 */
export type Inclusion =
  | { readonly paths: readonly string[]; readonly unread?: readonly { readonly path: string; readonly why: string }[] }
  | { readonly why: string }
  | { readonly error: ConfigurationError };

/** Files that include each other twice grow without a cycle; no real configuration comes near this. */
const MOST_INCLUDES = 100_000;

/** Blocks that hold values instead of directives and take no include. */
const WITHOUT_INCLUDE = new Set(['split_clients', 'charset_map']);

/**
 * Puts the files of a configuration together: each include is replaced by what it brings in, and every
 * directive gets the parent it has then. A file that is included twice gives two sets of directives.
 * An include nobody could follow lands in `unread`; a cycle, which nginx would run into until it has no
 * file descriptors left, is an error.
 */
export function assemble(
  main: string,
  prefix: string,
  files: ReadonlyMap<string, SourceFile>,
  resolveInclude: (pattern: string, place: Place) => Inclusion,
): Assembled {
  const source = files.get(main);
  if (source === undefined) throw new TypeError(`assemble was not given the main file ${main}`);
  const unread: { path: string; why: string; place: Place }[] = [];
  const includes: { directive: Directive; paths: readonly string[] }[] = [];
  /** Files being expanded, outermost first, each with the include that brought it in. */
  const chain: { path: string; by: Directive | null }[] = [{ path: main, by: null }];

  const expand = (list: readonly Directive[], parent: Directive | null, out: Directive[]): ConfigurationError | null => {
    for (const directive of list) {
      const error = isInclude(directive, parent) ? include(directive, parent, out) : copy(directive, parent, out);
      if (error !== null) return error;
    }
    return null;
  };

  const copy = (directive: Directive, parent: Directive | null, out: Directive[]): ConfigurationError | null => {
    const block: Directive[] | null = directive.block === null ? null : [];
    const { name, words, args, place, span, body, verbatim } = directive;
    const copied: Directive = { name, words, args, place, span, block, body, verbatim, parent };
    out.push(copied);
    return directive.block === null || block === null ? null : expand(directive.block, copied, block);
  };

  const include = (directive: Directive, parent: Directive | null, out: Directive[]): ConfigurationError | null => {
    const pattern = directive.args[0] ?? '';
    const inclusion = resolveInclude(pattern, directive.place);
    if ('error' in inclusion) return inclusion.error;
    if ('why' in inclusion) {
      unread.push({ path: pattern, why: inclusion.why, place: directive.place });
      return null;
    }
    if (includes.length >= MOST_INCLUDES)
      return { message: `more than ${MOST_INCLUDES} includes, which why403 doesn't follow`, place: directive.place };
    includes.push({ directive, paths: inclusion.paths });
    for (const path of inclusion.paths) {
      const file = files.get(path);
      if (file === undefined) {
        const known = inclusion.unread?.find((one) => one.path === path);
        unread.push({ path, why: known?.why ?? 'it was not read', place: directive.place });
        continue;
      }
      if (chain.some((link) => link.path === path)) return cycle(chain, path, directive);
      chain.push({ path, by: directive });
      const error = expand(file.directives, parent, out);
      if (error !== null) return error;
      chain.pop();
    }
    return null;
  };

  const directives: Directive[] = [];
  const error = expand(source.directives, null, directives);
  if (error !== null) return { error };
  return { ok: { main, prefix, files, directives, unread, includes } };
}

/** nginx takes `include` anywhere with one argument, in quotes or not; in a few blocks it is only a value. */
export function isInclude(directive: Directive, parent: Directive | null): boolean {
  if (directive.name !== 'include' || directive.args.length !== 1 || directive.block !== null) return false;
  return parent === null || !WITHOUT_INCLUDE.has(parent.name);
}

function cycle(
  chain: readonly { readonly path: string; readonly by: Directive | null }[],
  path: string,
  directive: Directive,
): ConfigurationError {
  const from = chain.findIndex((link) => link.path === path);
  const steps = chain.slice(from + 1).map(({ path: included, by }) => `${included} (from ${by?.place.file ?? ''}:${by?.place.line ?? 0})`);
  const route = [path, ...steps, `${path} (from ${directive.place.file}:${directive.place.line})`].join(' → ');
  return { message: `cyclic include: ${route}`, place: directive.place };
}
