import { isUtf8 } from 'node:buffer';
import { constants } from 'node:os';
import type { View } from '@why403/filesystem/collect';
import type { Place } from '@why403/terms/place';
import {
  assemble,
  type Configuration,
  type ConfigurationError,
  confPrefix,
  type Inclusion,
  type Parsed,
  parse,
  type SourceFile,
} from '../model/syntax/index.ts';
import { expandInclude } from './expand-include.ts';
import { type Failure, type FileRead, isLinkInView, readInView, statInView } from './view-files.ts';

/** When something of the configuration last changed, in milliseconds since the epoch. */
export interface Changed {
  /** Inside the view, as nginx opens it; a directory ends with a slash. */
  readonly path: string;
  /** The content, or a link on the way; of a directory its list of names. */
  readonly modifiedAt: number;
  /** The inode: also owner and mode, and a copy put in place that kept its old time. */
  readonly changedAt: number;
}

export type ConfigurationReading =
  | {
      readonly state: 'read';
      readonly configuration: Configuration;
      /** Every file read and every directory that an include's pattern looks into. */
      readonly times: readonly Changed[];
    }
  /** nginx itself would not start with these files. */
  | { readonly state: 'invalid'; readonly error: ConfigurationError }
  /** The main file could not be read, or isn't there. */
  | { readonly state: 'unreadable'; readonly path: string; readonly code: string; readonly why: string };

export interface ConfigurationLimits {
  /** Bytes of one file. */
  readonly file: number;
  /** Bytes of all. */
  readonly total: number;
  readonly files: number;
}

const LIMITS: ConfigurationLimits = { file: 16 << 20, total: 64 << 20, files: 10_000 };

export interface ConfigurationSource {
  readonly view: View;
  /** The main file, absolute, as the server names it. */
  readonly main: string;
  /** The server's prefix, which paths of logs and document roots are relative to. */
  readonly prefix: string;
  /** The directives of the command line's `-g`, which nginx reads before the main file. */
  readonly globals?: string | null;
  /** Whether a file that isn't there is nginx's error, or may only be missing from a copy. `whole` unless told. */
  readonly tree?: 'whole' | 'partial';
  readonly limits?: Partial<ConfigurationLimits>;
}

/**
 * Reads a configuration with all its includes from one view of the file system. A file we may not read, or
 * that vanishes meanwhile, lands in `unread` of the configuration; a file that isn't there is nginx's own
 * error, as are wrong syntax and an include that comes back to itself.
 */
export function readConfiguration(source: ConfigurationSource): ConfigurationReading {
  const reader = new ConfigurationReader(source);
  const first = reader.load(source.main);
  if (first.state === 'failed') return { state: 'unreadable', path: source.main, code: first.failure.code, why: first.failure.says };
  if (first.state === 'invalid') return { state: 'invalid', error: first.error };
  const globals = parseGlobals(source.globals ?? null);
  if ('error' in globals) return { state: 'invalid', error: globals.error };
  const assembled = assemble(source.main, source.prefix, reader.files, (pattern, place) => reader.resolve(pattern, place));
  if ('error' in assembled) return { state: 'invalid', error: assembled.error };
  const configuration = { ...assembled.ok, directives: [...globals.ok.directives, ...assembled.ok.directives] };
  return { state: 'read', configuration, times: [...reader.times.values()] };
}

type Loaded =
  | { readonly state: 'loaded' }
  | { readonly state: 'failed'; readonly failure: Failure }
  | { readonly state: 'invalid'; readonly error: ConfigurationError };

class ConfigurationReader {
  readonly files = new Map<string, SourceFile>();
  readonly times = new Map<string, Changed>();
  readonly #view: View;
  readonly #prefix: string;
  readonly #tree: 'whole' | 'partial';
  readonly #limits: ConfigurationLimits;
  #bytes = 0;

  constructor({ view, main, tree, limits }: ConfigurationSource) {
    this.#view = view;
    this.#prefix = confPrefix(main);
    this.#tree = tree ?? 'whole';
    this.#limits = { ...LIMITS, ...limits };
  }

  load(path: string): Loaded {
    if (this.files.has(path)) return { state: 'loaded' };
    const read = this.#read(path);
    if ('failure' in read) return { state: 'failed', failure: read.failure };
    this.times.set(path, { path, modifiedAt: read.ok.modifiedAt, changedAt: read.ok.changedAt });
    const parsed = parseBytes(path, read.ok);
    if ('error' in parsed) return { state: 'invalid', error: parsed.error };
    this.files.set(path, parsed.ok);
    return { state: 'loaded' };
  }

  /** Follows one include and reads what it names. */
  resolve(written: string, place: Place): Inclusion {
    const pattern = written.startsWith('/') ? written : this.#prefix + written;
    const expansion = expandInclude(this.#view, pattern);
    for (const directory of expansion.directories) this.#noteDirectory(directory);
    if (expansion.blind !== null) {
      return { why: `the directory ${expansion.blind.directory}/ could not be listed: ${expansion.blind.failure.says}` };
    }
    const unread: { path: string; why: string }[] = [];
    for (const path of expansion.paths) {
      const loaded = this.load(path);
      if (loaded.state === 'invalid') return { error: loaded.error };
      if (loaded.state === 'loaded') continue;
      const { code, says } = loaded.failure;
      if (this.#stopsNginx(code, path, pattern)) return { error: { message: complaint(path, loaded.failure), place } };
      unread.push({ path, why: code === 'ENOENT' && path !== pattern ? 'it vanished while it was being read' : says });
    }
    return { paths: expansion.paths, unread };
  }

  #read(path: string): { readonly ok: FileRead } | { readonly failure: Failure } {
    const { files, total, file } = this.#limits;
    if (this.files.size >= files) return { failure: { code: 'EFBIG', says: `why403 reads at most ${files} files of a configuration` } };
    const read = readInView(this.#view, path, file);
    if ('failure' in read) return read;
    this.#bytes += read.ok.bytes.length;
    if (this.#bytes > total) return { failure: { code: 'EFBIG', says: `why403 reads at most ${total} bytes of a configuration` } };
    return read;
  }

  /** Whether nginx meets that failure too. What we may not read, it can: its master reads as root. */
  #stopsNginx(code: string, path: string, pattern: string): boolean {
    if (['EISDIR', 'ELOOP', 'ENAMETOOLONG'].includes(code)) return true;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return false;
    // A name that a pattern found is a dangling link, or else it went while we were reading, and may be back by now.
    return path === pattern ? this.#tree === 'whole' : isLinkInView(this.#view, path);
  }

  #noteDirectory(directory: string): void {
    const path = `${directory}/`;
    const stats = statInView(this.#view, path);
    if ('ok' in stats) this.times.set(path, { path, modifiedAt: stats.ok.mtimeMs, changedAt: stats.ok.ctimeMs });
  }
}

/** Directives of `-g` stand in no file: an edit can't reach them, and their place says where they are. */
function parseGlobals(globals: string | null): Parsed {
  return parse(globals ?? '', 'the command line (-g)');
}

function parseBytes(path: string, { real, bytes }: FileRead): Parsed {
  // Latin-1 maps every byte to one character, so that any bytes survive an edit.
  const encoding = isUtf8(bytes) ? 'utf8' : 'latin1';
  return parse(bytes.toString(encoding), path, { real, encoding });
}

/** nginx opens a directory without complaint, and fails when it reads. */
function complaint(path: string, { code, says }: Failure): string {
  const number = Object.entries(constants.errno).find(([name]) => name === code)?.[1] ?? 0;
  return `${code === 'EISDIR' ? 'pread' : 'open'}() "${path}" failed (${number}: ${says})`;
}
