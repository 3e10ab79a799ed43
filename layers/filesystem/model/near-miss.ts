import { access } from './access.ts';
import { joined, parentOf, nameOf } from './path.ts';
import type { FileTree, Identity } from './tree.ts';

export type NearMissKind = 'letter-case' | 'trailing-slash' | 'percent-encoding' | 'unicode-form' | 'extension' | 'similar-name';

/** Something that exists close to a path that doesn't. `path` is what exists. */
export interface NearMiss {
  readonly kind: NearMissKind;
  readonly path: string;
  readonly says: string;
}

const MOST = 5;

/**
 * Looks for what may have been meant by a path that doesn't exist: at its first missing component, names in the
 * same directory, the closest first. Empty when the path exists or nothing is close; null when the directory's
 * listing is unseen.
 */
export function nearMisses(tree: FileTree, path: string): readonly NearMiss[] | null {
  const missing = firstMissing(tree, path);
  if (missing === null) return [];
  if (missing.kind === 'file') return [slashMiss(missing.path)];
  const directory = parentOf(missing.path);
  const names = tree.list(directory);
  if (names === null) return null;
  const wanted = nameOf(missing.path);
  const ranked = names.flatMap((name) => {
    const close = compare(wanted, name);
    return close === null ? [] : [{ name, ...close }];
  });
  ranked.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return ranked.slice(0, MOST).map(({ name, kind }) => ({ kind, path: joined(directory, name), says: sentence(kind, wanted, name) }));
}

/** Existence doesn't depend on who asks, so the walk is one that no permission binds. */
const ANYONE: Identity = { user: 'root', uid: 0, gid: 0, groups: [], bypass: true };

function firstMissing(tree: FileTree, path: string): { kind: 'name' | 'file'; path: string } | null {
  const answer = access(tree, ANYONE, path, 'stat');
  if (answer.verdict !== 'refused') return null;
  const { errno, path: at } = answer.obstacle;
  if (errno === 'ENOTDIR') return { kind: 'file', path: at };
  return errno === 'ENOENT' && at !== '' ? { kind: 'name', path: at } : null;
}

function slashMiss(path: string): NearMiss {
  return { kind: 'trailing-slash', path, says: `${path} is a file, but it was asked for as a directory` };
}

function compare(wanted: string, name: string): { kind: NearMissKind; distance: number } | null {
  if (name === wanted) return null;
  if (name.normalize('NFC') === wanted.normalize('NFC')) return { kind: 'unicode-form', distance: 0 };
  if (name.toLowerCase() === wanted.toLowerCase()) return { kind: 'letter-case', distance: 0 };
  if (isSameDecoded(wanted, name)) return { kind: 'percent-encoding', distance: 0 };
  const [stem, extension] = split(wanted);
  const [otherStem, otherExtension] = split(name);
  if (stem === otherStem && extension !== otherExtension) return { kind: 'extension', distance: 1 };
  // Two edits in a short name are another name; a third of its length is the most that reads as a slip.
  const most = Math.min(2, Math.floor(Math.max(wanted.length, name.length) / 3));
  const distance = editDistance(wanted.toLowerCase(), name.toLowerCase(), most);
  return distance > most ? null : { kind: 'similar-name', distance: distance + 1 };
}

function isSameDecoded(wanted: string, name: string): boolean {
  const forms = [decoded(wanted), decoded(decoded(wanted)), wanted.replaceAll('+', ' '), decoded(wanted.replaceAll('+', ' '))];
  return forms.includes(name) || decoded(name) === wanted;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % stands for itself
  }
}

function split(name: string): readonly [stem: string, extension: string] {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
}

function sentence(kind: NearMissKind, wanted: string, name: string): string {
  switch (kind) {
    case 'letter-case':
      return `${name} exists; names differ in letter case, which counts here`;
    case 'unicode-form':
      return `${name} exists; it looks the same but is composed of other Unicode characters`;
    case 'percent-encoding':
      return `${name} exists; ${wanted} is the same name encoded once too often or too seldom`;
    case 'extension':
      return `${name} exists, with another extension`;
    case 'trailing-slash':
      return `${name} exists as a file`;
    case 'similar-name':
      return `${name} exists, spelled a little differently`;
  }
}

/** Optimal string alignment (a swap of neighbors is one edit), given up beyond `most`. */
export function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    if (Math.min(...row) > most) return most + 1;
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}
