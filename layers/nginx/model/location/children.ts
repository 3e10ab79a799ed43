import type { Children, Scope, StaticEntry } from './scope.ts';
import { NO_CHILDREN } from './scope.ts';

/**
 * Sorts the locations of one level for `findPrefix`. Below a regular expression nginx builds no tree for the
 * prefix and exact ones (ngx_http_init_static_location_trees never gets there), so they are dropped.
 */
export function arrange(locations: readonly Scope[], isWithinRegex: boolean): Children {
  if (locations.length === 0) return NO_CHILDREN;
  const byName = new Map<string, { exact: Scope | null; inclusive: Scope | null }>();
  if (!isWithinRegex) {
    for (const location of locations) {
      if (location.kind !== 'exact' && location.kind !== 'prefix' && location.kind !== 'preferred') continue;
      const entry = byName.get(location.name) ?? { exact: null, inclusive: null };
      byName.set(location.name, entry);
      // Duplicates stop nginx from starting; the first one is kept here.
      if (location.kind === 'exact') entry.exact ??= location;
      else entry.inclusive ??= location;
    }
  }
  const names = [...byName.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return { names, entries: nest(names, byName), regexes: locations.filter(({ kind }) => kind === 'regex') };
}

function nest(names: readonly string[], byName: ReadonlyMap<string, { exact: Scope | null; inclusive: Scope | null }>): StaticEntry[] {
  const entries: StaticEntry[] = [];
  const open: number[] = [];
  for (const [at, name] of names.entries()) {
    let within = open.at(-1);
    while (within !== undefined && !name.startsWith(names[within] ?? '')) {
      open.pop();
      within = open.at(-1);
    }
    const found = byName.get(name);
    entries.push({ name, exact: found?.exact ?? null, inclusive: found?.inclusive ?? null, within: within ?? -1 });
    if (found?.inclusive != null) open.push(at);
  }
  return entries;
}

export type Found = { readonly how: 'exact' | 'inclusive' | 'redirect'; readonly scope: Scope } | null;

/**
 * ngx_http_core_find_static_location: an exact name, else the longest prefix; but a name that only lacks its
 * closing slash to an auto-redirecting location is that location's 301.
 */
export function findPrefix(children: Children, uri: string): Found {
  const { names, entries } = children;
  if (names.length === 0) return null;
  let at = lastUpTo(names, uri);
  const nearest = entries[at];
  if (nearest !== undefined && nearest.name === uri) {
    if (nearest.exact !== null) return { how: 'exact', scope: nearest.exact };
    if (nearest.inclusive !== null) return { how: 'inclusive', scope: nearest.inclusive };
  }
  const slashed = entries[lastUpTo(names, `${uri}/`)];
  if (slashed !== undefined && slashed.name.length === uri.length + 1 && slashed.name === `${uri}/`) {
    const isRedirecting = slashed.exact?.isAutoRedirecting === true || slashed.inclusive?.isAutoRedirecting === true;
    const scope = slashed.exact ?? slashed.inclusive;
    if (isRedirecting && scope !== null) return { how: 'redirect', scope };
  }
  while (at >= 0) {
    const entry = entries[at];
    if (entry === undefined) return null;
    if (entry.inclusive !== null && uri.startsWith(entry.name)) return { how: 'inclusive', scope: entry.inclusive };
    at = entry.within;
  }
  return null;
}

/** Index of the last name that is not greater than `text`; -1 when all are. */
function lastUpTo(names: readonly string[], text: string): number {
  let low = 0;
  let high = names.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((names[middle] ?? '') <= text) low = middle + 1;
    else high = middle - 1;
  }
  return high;
}
