import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from 'node:fs';
import type { View } from '@why403/filesystem/collect';

/** Why a file of the view could not be had: what the system said, in its own code. */
export interface Failure {
  readonly code: string;
  /** As strerror(3) words it. */
  readonly says: string;
}

export type Tried<T> = { readonly ok: T } | { readonly failure: Failure };

export interface FileRead {
  /** The path inside the view with every link resolved. */
  readonly real: string;
  readonly bytes: Buffer;
  /** The latest change of content on the way: the file's own, or of a link that leads to it. */
  readonly modifiedAt: number;
  /** The inode's last change, which a copy that keeps its old time still shows. */
  readonly changedAt: number;
}

/** Linux gives up after this many links (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * Resolves every link of an absolute path inside the view: an absolute link in a copied tree, or in another
 * process's, must never lead to our own files.
 */
export function resolveInView(view: View, path: string): Tried<{ readonly real: string; readonly linkedAt: number }> {
  let rest = path.split('/');
  let real: string[] = [];
  let links = 0;
  let linkedAt = 0;
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      real.pop();
      continue;
    }
    const here = `${view.root}/${[...real, name].join('/')}`;
    const stats = attempt(() => lstatSync(here));
    if ('failure' in stats) return stats;
    if (!stats.ok.isSymbolicLink()) {
      real.push(name);
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return { failure: { code: 'ELOOP', says: 'Too many levels of symbolic links' } };
    linkedAt = Math.max(linkedAt, stats.ok.mtimeMs);
    const target = attempt(() => readlinkSync(here));
    if ('failure' in target) return target;
    if (target.ok.startsWith('/')) real = [];
    rest = [...target.ok.split('/'), ...rest];
  }
  return { ok: { real: `/${real.join('/')}`, linkedAt } };
}

/** Reads a regular file of at most `limit` bytes. Nothing that could block or answer is opened: no FIFO, no device. */
export function readInView(view: View, path: string, limit: number): Tried<FileRead> {
  const resolved = resolveInView(view, path);
  if ('failure' in resolved) return resolved;
  const { real, linkedAt } = resolved.ok;
  const descriptor = attempt(() => openSync(view.root + real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW));
  if ('failure' in descriptor) return descriptor;
  try {
    const stats = fstatSync(descriptor.ok);
    const found = { real, modifiedAt: Math.max(stats.mtimeMs, linkedAt), changedAt: Math.max(stats.ctimeMs, linkedAt) };
    if (stats.isDirectory()) return { failure: { code: 'EISDIR', says: 'Is a directory' } };
    // nginx asks for the size first, which is 0 for devices and pipes: it reads nothing from them.
    if (!stats.isFile()) return { ok: { ...found, bytes: Buffer.alloc(0) } };
    if (stats.size > limit)
      return { failure: { code: 'EFBIG', says: `it has ${stats.size} bytes, and why403 reads at most ${limit} of one file` } };
    return { ok: { ...found, bytes: readAll(descriptor.ok, stats) } };
  } catch (error) {
    return { failure: failureOf(error) };
  } finally {
    closeSync(descriptor.ok);
  }
}

/** The names in a directory, without `.` and `..`. */
export function listInView(view: View, directory: string): Tried<readonly string[]> {
  const resolved = resolveInView(view, directory);
  if ('failure' in resolved) return resolved;
  return attempt(() => readdirSync(`${view.root}${resolved.ok.real}`));
}

/** Facts of a directory or file behind all links. */
export function statInView(view: View, path: string): Tried<Stats> {
  const resolved = resolveInView(view, path);
  if ('failure' in resolved) return resolved;
  return attempt(() => lstatSync(view.root + resolved.ok.real));
}

/** Whether a name is there, even as a link that leads nowhere. */
export function isInView(view: View, path: string): boolean {
  return 'ok' in nameInView(view, path);
}

/** Whether a name is a link, wherever that leads. */
export function isLinkInView(view: View, path: string): boolean {
  const stats = nameInView(view, path);
  return 'ok' in stats && stats.ok.isSymbolicLink();
}

/** Facts of a name itself: links are followed on the way to it and not at its end. */
function nameInView(view: View, path: string): Tried<Stats> {
  const slash = path.lastIndexOf('/');
  const parent = resolveInView(view, path.slice(0, slash + 1));
  return 'failure' in parent ? parent : attempt(() => lstatSync(`${view.root}${parent.ok.real}/${path.slice(slash + 1)}`));
}

function readAll(descriptor: number, stats: Stats): Buffer {
  const buffer = Buffer.allocUnsafe(stats.size);
  let length = 0;
  while (length < buffer.length) {
    const read = readSync(descriptor, buffer, length, buffer.length - length, length);
    if (read === 0) break;
    length += read;
  }
  return buffer.subarray(0, length);
}

function attempt<T>(act: () => T): Tried<T> {
  try {
    return { ok: act() };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'Permission denied'],
  ['EPERM', 'Operation not permitted'],
  ['ENOENT', 'No such file or directory'],
  ['ENOTDIR', 'Not a directory'],
  ['ELOOP', 'Too many levels of symbolic links'],
  ['ENAMETOOLONG', 'File name too long'],
  ['ENXIO', 'No such device or address'],
  ['EIO', 'Input/output error'],
  ['ESTALE', 'Stale file handle'],
  ['EMFILE', 'Too many open files'],
]);

function failureOf(error: unknown): Failure {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO';
  return { code, says: WORDS.get(code) ?? code };
}
