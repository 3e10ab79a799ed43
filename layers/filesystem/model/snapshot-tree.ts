import { joined, nameOf, parentOf } from './path.ts';
import type { Entry, FileTree, Look } from './tree.ts';

/** What a model asked for and the snapshot doesn't hold, for a collector to go and see. */
export interface Wanted {
  readonly looks: readonly string[];
  readonly listings: readonly string[];
  readonly texts: readonly string[];
}

const NOT_LOOKED: Look = { state: 'unseen', why: 'nobody has looked there' };

/**
 * A file tree out of what was noted, without I/O. Asking for what was never noted answers "unseen" and adds it
 * to `wanted`; a collector notes it and the model runs again, until nothing is wanted.
 */
export class SnapshotTree implements FileTree {
  readonly protectedSymlinks: boolean | null;
  readonly #looks = new Map<string, Look>();
  readonly #listings = new Map<string, readonly string[] | null>();
  readonly #texts = new Map<string, string | null>();
  readonly #wantedLooks = new Set<string>();
  readonly #wantedListings = new Set<string>();
  readonly #wantedTexts = new Set<string>();

  constructor(protectedSymlinks: boolean | null = null) {
    this.protectedSymlinks = protectedSymlinks;
  }

  look(path: string): Look {
    const known = this.#looks.get(path);
    if (known !== undefined) return known;
    // A complete listing settles that a name isn't there.
    const siblings = path === '/' ? undefined : this.#listings.get(parentOf(path));
    if (siblings && !siblings.includes(nameOf(path))) return { state: 'absent' };
    this.#wantedLooks.add(path);
    return NOT_LOOKED;
  }

  list(directory: string): readonly string[] | null {
    const known = this.#listings.get(directory);
    if (known !== undefined) return known;
    this.#wantedListings.add(directory);
    return null;
  }

  read(path: string): string | null {
    const known = this.#texts.get(path);
    if (known !== undefined) return known;
    this.#wantedTexts.add(path);
    return null;
  }

  noteLook(path: string, look: Look): void {
    this.#looks.set(path, look);
    this.#wantedLooks.delete(path);
  }

  /** A null listing says that it was tried and can't be had. The names must be complete. */
  noteListing(directory: string, names: readonly string[] | null): void {
    this.#listings.set(directory, names);
    this.#wantedListings.delete(directory);
  }

  noteText(path: string, text: string | null): void {
    this.#texts.set(path, text);
    this.#wantedTexts.delete(path);
  }

  /** What was asked for since it was last noted, in the order it was asked. */
  get wanted(): Wanted {
    return { looks: [...this.#wantedLooks], listings: [...this.#wantedListings], texts: [...this.#wantedTexts] };
  }

  get isComplete(): boolean {
    return this.#wantedLooks.size + this.#wantedListings.size + this.#wantedTexts.size === 0;
  }

  /** Every entry that was seen, in the order it was noted. */
  *entries(): Generator<readonly [path: string, entry: Entry]> {
    for (const [path, look] of this.#looks) if (look.state === 'present') yield [path, look.entry];
  }

  /**
   * The same knowledge with some entries replaced: what a change of mode, owner or ACL would make of the tree.
   * Shares nothing with the original.
   */
  with(changes: ReadonlyMap<string, Look>): SnapshotTree {
    const copy = new SnapshotTree(this.protectedSymlinks);
    for (const [path, look] of this.#looks) copy.noteLook(path, look);
    for (const [directory, names] of this.#listings) copy.noteListing(directory, names);
    for (const [path, text] of this.#texts) copy.noteText(path, text);
    for (const [path, look] of changes) copy.noteLook(path, look);
    return copy;
  }
}

/** `tree` with some entries replaced, for any kind of tree. */
export function changed(tree: FileTree, changes: ReadonlyMap<string, Look>): FileTree {
  return {
    protectedSymlinks: tree.protectedSymlinks ?? null,
    look: (path) => changes.get(path) ?? tree.look(path),
    list: (directory) => withNew(tree.list(directory), directory, changes),
    read: (path) => tree.read(path),
  };
}

function withNew(names: readonly string[] | null, directory: string, changes: ReadonlyMap<string, Look>): readonly string[] | null {
  if (names === null) return null;
  const now = new Set(names);
  for (const [path, look] of changes) {
    if (path !== joined(directory, nameOf(path))) continue;
    if (look.state === 'present') now.add(nameOf(path));
    else if (look.state === 'absent') now.delete(nameOf(path));
  }
  return [...now];
}
