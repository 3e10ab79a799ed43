import type { View } from '@why403/filesystem/collect';
import { componentMatcher, hasWildcard, literalComponent } from '@why403/terms/glob';
import { type Failure, isInView, listInView } from './view-files.ts';

export interface Expansion {
  /** In the order nginx reads them. */
  readonly paths: readonly string[];
  /** Directories that were looked into: a file that came or went since shows in their times. */
  readonly directories: readonly string[];
  /** A directory that could not be listed, which leaves open what it holds. */
  readonly blind: { readonly directory: string; readonly failure: Failure } | null;
}

/**
 * Expands an absolute include pattern as glob(3) does without flags, which is how nginx calls it: sorted by
 * bytes, no braces, no tilde, hidden files only by a written dot.
 */
export function expandInclude(view: View, pattern: string): Expansion {
  if (!hasWildcard(pattern)) return { paths: [pattern], directories: [], blind: null };
  const directories: string[] = [];
  let blind: Expansion['blind'] = null;
  let found = [''];
  const components = pattern.split('/').slice(1);
  for (const [index, component] of components.entries()) {
    const isLast = index === components.length - 1;
    const matches = hasWildcard(component) ? componentMatcher(component) : null;
    const next: string[] = [];
    for (const parent of found) {
      if (matches === null) {
        next.push(`${parent}/${literalComponent(component)}`);
        continue;
      }
      const listed = listInView(view, `${parent}/`);
      if ('failure' in listed) {
        // What isn't there, or is no directory, simply matches nothing.
        if (!['ENOENT', 'ENOTDIR'].includes(listed.failure.code)) blind ??= { directory: parent, failure: listed.failure };
        continue;
      }
      directories.push(parent);
      for (const name of listed.ok) if (matches(name)) next.push(`${parent}/${name}`);
    }
    found = isLast && matches === null ? next.filter((path) => isInView(view, path)) : next;
  }
  return { paths: found.sort(byBytes), directories, blind };
}

/** nginx never calls setlocale(3), so that glob sorts in the C locale. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
