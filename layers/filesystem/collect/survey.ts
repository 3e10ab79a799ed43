import { closeSync, constants, lstatSync, opendirSync, openSync, readlinkSync, readSync, type Stats } from 'node:fs';
import type { Entry, Look, SnapshotTree } from '../index.ts';
import { readAcls } from './acls.ts';
import { isSurelyAbsent, outside, resolved, resolvedParent } from './view.ts';
import type { View } from './view.ts';

export interface Surveyed<T> {
  readonly answer: T;
  /** What could not be seen, as sentences for the operator. */
  readonly blind: readonly string[];
}

/** Beyond these a directory's listing counts as unseen, a text as unread. */
const MOST_NAMES = 20_000;
const MOST_TEXT = 1024 * 1024;
/** Every round goes at least one link further: the kernel follows 40, and a model asks for a few paths in turn. */
const MOST_ROUNDS = 400;

/** A reader's way to hide secrets in a small text before anyone else sees it. */
export type Redact = (path: string, text: string) => string;

/**
 * Lets `ask` question the tree and goes to see what it wanted, again and again, until nothing is wanted. What
 * can't be seen is noted as unseen with the reason, so that the answer is then unknown and never a guess.
 */
export async function survey<T>(
  view: View,
  tree: SnapshotTree,
  ask: () => T,
  redact: Redact = (_path, text) => text,
): Promise<Surveyed<T>> {
  const blind = new Set<string>();
  const fresh: Fresh = new Map();
  let answer = ask();
  for (let round = 0; round < MOST_ROUNDS && !(tree.isComplete && fresh.size === 0); round += 1) {
    // Reading ACLs takes a process of its own: once for all that was looked at, after the last look.
    const isSettling = tree.isComplete;
    const sentences = isSettling ? await noteAcls(tree, fresh) : lookInto(view, tree, redact, fresh);
    for (const sentence of sentences) blind.add(sentence);
    answer = ask();
  }
  return { answer, blind: [...blind] };
}

/** As `survey`, for who asks only what is there: ACLs are left unread. */
export function surveyNames<T>(view: View, tree: SnapshotTree, ask: () => T): Surveyed<T> {
  const blind = new Set<string>();
  let answer = ask();
  for (let round = 0; round < MOST_ROUNDS && !tree.isComplete; round += 1) {
    for (const sentence of lookInto(view, tree, (_path, text) => text, new Map())) blind.add(sentence);
    answer = ask();
  }
  return { answer, blind: [...blind] };
}

/** Entries whose ACLs are still to be read, by their paths for us. Several paths may lead to one file by way of links. */
type Fresh = Map<string, { readonly paths: string[]; readonly entry: Entry }>;

/** One round: sees what the tree wants now. Answers with what could not be seen. */
function lookInto(view: View, tree: SnapshotTree, redact: Redact, fresh: Fresh): readonly string[] {
  const { looks, listings, texts } = tree.wanted;
  const blind = lookAt(view, tree, looks, fresh);
  for (const directory of listings) blind.push(...listInto(view, tree, directory));
  for (const path of texts) blind.push(...readInto(view, tree, path, redact));
  return blind;
}

function lookAt(view: View, tree: SnapshotTree, paths: readonly string[], fresh: Fresh): string[] {
  const blind: string[] = [];
  const unresolved: string[] = [];
  for (const path of paths.toSorted((a, b) => a.length - b.length)) {
    const real = resolvedParent(tree, path);
    if (real === null) {
      unresolved.push(path);
      continue;
    }
    const look = asOrigin(view, real, lookOnce(outside(view, real)));
    tree.noteLook(path, look);
    if (look.state === 'unseen') blind.push(`${path}: ${look.why}`);
    if (look.state !== 'present' || look.entry.type === 'symlink' || (view.isCopy === true && real === '/')) continue;
    const seen = fresh.get(outside(view, real)) ?? { paths: [], entry: look.entry };
    seen.paths.push(path);
    fresh.set(outside(view, real), seen);
  }
  settleUnresolved(
    tree,
    unresolved,
    tree.wanted.looks.every((path) => unresolved.includes(path)),
  );
  return blind;
}

/** Reads the ACLs of what was looked at since the last time, and forgets it. */
async function noteAcls(tree: SnapshotTree, fresh: Fresh): Promise<readonly string[]> {
  const acls = await readAcls([...fresh.keys()]);
  for (const [real, acl] of acls.found) {
    const { paths, entry } = fresh.get(real) ?? { paths: [], entry: null };
    for (const path of paths) if (entry !== null) tree.noteLook(path, { state: 'present', entry: { ...entry, acl } });
  }
  fresh.clear();
  return acls.blind;
}

/** The folder that holds a copy was made by whoever copied: at the origin, `/` may be entered by everybody. */
function asOrigin(view: View, path: string, look: Look): Look {
  if (view.isCopy !== true || path !== '/' || look.state !== 'present') return look;
  return { state: 'present', entry: { ...look.entry, mode: 0o755, uid: 0, gid: 0, acl: null } };
}

/**
 * Paths whose way is not known yet stay wanted, because the rest of the way is wanted now too; when a whole
 * round brought nothing new, nothing more will come.
 */
function settleUnresolved(tree: SnapshotTree, unresolved: readonly string[], isStuck: boolean): void {
  for (const path of unresolved) {
    if (isSurelyAbsent(tree, path)) tree.noteLook(path, { state: 'absent' });
    else if (isStuck) tree.noteLook(path, { state: 'unseen', why: 'the way there could not be seen' });
  }
}

/** What lstat says of one real path of this machine. */
export function lookOnce(real: string): Look {
  try {
    const stats = lstatSync(real);
    const target = stats.isSymbolicLink() ? readlinkSync(real) : undefined;
    return { state: 'present', entry: entryOf(stats, target) };
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { state: 'absent' };
    return { state: 'unseen', why: whyUnseen(code) };
  }
}

function entryOf(stats: Stats, target: string | undefined): Entry {
  const entry = { type: typeOf(stats), mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid, size: stats.size, acl: null };
  return target === undefined ? entry : { ...entry, target };
}

function typeOf(stats: Stats): Entry['type'] {
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isSocket()) return 'socket';
  if (stats.isCharacterDevice()) return 'character';
  return stats.isBlockDevice() ? 'block' : 'file';
}

function listInto(view: View, tree: SnapshotTree, directory: string): string[] {
  const real = resolved(tree, directory);
  if (real === null) {
    if (isSettled(tree, directory)) tree.noteListing(directory, null);
    return [];
  }
  try {
    const names = namesIn(outside(view, real));
    tree.noteListing(directory, names?.toSorted() ?? null);
    return names === null ? [`${directory}: holds more than ${MOST_NAMES} names, so its listing was left alone`] : [];
  } catch (error) {
    tree.noteListing(directory, null);
    const code = codeOf(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? [] : [`${directory}: could not be listed: ${whyUnseen(code)}`];
  }
}

/** The names in a directory; null when there are too many. */
function namesIn(real: string): string[] | null {
  const directory = opendirSync(real);
  try {
    const names: string[] = [];
    for (let child = directory.readSync(); child !== null; child = directory.readSync()) {
      if (names.length === MOST_NAMES) return null;
      names.push(child.name);
    }
    return names;
  } finally {
    directory.closeSync();
  }
}

function readInto(view: View, tree: SnapshotTree, path: string, redact: Redact): string[] {
  const real = resolved(tree, path);
  if (real === null) {
    if (isSettled(tree, path)) tree.noteText(path, null);
    return [];
  }
  const look = tree.look(real);
  if (look.state !== 'present' || look.entry.type !== 'file' || look.entry.size > MOST_TEXT) {
    tree.noteText(path, null);
    return look.state === 'present' && look.entry.type === 'file' ? [`${path}: is larger than ${MOST_TEXT} bytes and was not read`] : [];
  }
  try {
    tree.noteText(path, redact(path, textOf(outside(view, real))));
    return [];
  } catch (error) {
    tree.noteText(path, null);
    return [`${path}: could not be read: ${whyUnseen(codeOf(error))}`];
  }
}

/** Without waiting for whatever may have taken the file's place meanwhile, such as a pipe that nobody writes to. */
function textOf(real: string): string {
  const descriptor = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.allocUnsafe(MOST_TEXT);
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, MOST_TEXT, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** Whether nothing more will be learned of the way to a path: it is refused, or unseen with nothing left to look at. */
function isSettled(tree: SnapshotTree, path: string): boolean {
  return isSurelyAbsent(tree, path) || tree.wanted.looks.length === 0;
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : 'unknown error';
}

function whyUnseen(code: string): string {
  if (code === 'EACCES' || code === 'EPERM') return 'why403 itself has no permission to look there; run it as root to see it';
  return `the system answered ${code}`;
}
