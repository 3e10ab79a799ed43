import {
  chmodSync,
  chownSync,
  closeSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { type Entry, type Identity, isExtended, parentOf, parseAcl, permit, READ, SEARCH, tidied, WRITE } from '@why403/filesystem';
import { execute } from './execute.ts';

/** One thing on the way to a path that a request may touch. */
interface Node {
  readonly path: string;
  readonly entry: Entry;
  readonly modified: Date;
  /** The bytes of a password file; null for all others, whose contents decide nothing. */
  readonly content: Buffer | null;
}

const MOST_LINKS = 40;
/** A file's size is kept up to this, so that a range that fits still fits; contents are zeros. */
const MOST_BYTES = 64 * 1024;
const MOST_SECRETS = 1024 * 1024;

/**
 * The part of a file tree that some requests touch: every directory and link on the way to their files, and the
 * files themselves as placeholders. Absolute paths are the server's own, whatever view they are seen through.
 */
export class TreeCopy {
  readonly #root: string;
  readonly #worker: Identity;
  readonly #withContent: ReadonlySet<string>;
  readonly #nodes = new Map<string, Node>();
  readonly #walked = new Set<string>();
  readonly blind: string[] = [];

  constructor(root: string, worker: Identity, withContent: readonly string[]) {
    this.#root = root;
    this.#worker = worker;
    this.#withContent = new Set(withContent);
    this.#see('/');
  }

  /** Follows each path, links included, as far as it exists. Tells whether anything new came to light. */
  add(paths: Iterable<string>): boolean {
    const before = this.#nodes.size;
    for (const path of paths) this.#walk(path);
    return this.#nodes.size > before;
  }

  entryOf(path: string): Entry | null {
    return this.#nodes.get(tidied(path))?.entry ?? null;
  }

  /** Whether this user can give things to others; else a copy carries what the worker may do in the owner's bits. */
  get isExact(): boolean {
    return process.getuid?.() === 0;
  }

  /** Makes the tree anew at `destination`, which must not exist. */
  async plant(destination: string): Promise<void> {
    const nodes = [...this.#nodes.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
    const acls = this.isExact ? new Map<string, Entry['acl']>() : await this.#readAcls(nodes);
    for (const node of nodes) this.#make(node, destination);
    // From the leaves up, because a directory that is shut takes nothing any more.
    for (const { path, entry, modified } of nodes.toReversed())
      this.#settle(path, { ...entry, acl: acls.get(path) ?? null }, modified, destination);
    if (this.isExact) await this.#copyAcls(nodes, destination);
  }

  #walk(path: string): void {
    const tidy = tidied(path);
    // No file's name holds a NUL: nginx refuses such a path before it gets to the kernel.
    if (this.#walked.has(tidy) || tidy.includes('\0')) return;
    this.#walked.add(tidy);
    const rest = tidy
      .split('/')
      .filter((name) => name !== '')
      .toReversed();
    let at = '/';
    let links = 0;
    for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
      if (name === '..') {
        at = parentOf(at);
        continue;
      }
      const here = at === '/' ? `/${name}` : `${at}/${name}`;
      const node = this.#see(here);
      if (node === null) return;
      if (node.entry.type === 'symlink') {
        links += 1;
        if (links > MOST_LINKS) return;
        const target = node.entry.target ?? '';
        if (target.startsWith('/')) at = '/';
        rest.push(
          ...target
            .split('/')
            .filter((one) => one !== '' && one !== '.')
            .toReversed(),
        );
      } else if (node.entry.type === 'directory') at = here;
      else return;
    }
  }

  #see(path: string): Node | null {
    const known = this.#nodes.get(path);
    if (known !== undefined) return known;
    const outside = `${this.#root}${path}`;
    try {
      const stats = lstatSync(outside);
      const isLink = stats.isSymbolicLink();
      const type = isLink ? 'symlink' : stats.isDirectory() ? 'directory' : stats.isFile() ? 'file' : 'fifo';
      if (type === 'fifo') this.blind.push(`${path} is neither a file nor a directory`);
      // The folder that holds a copied tree has its own mode (mktemp gives 0700); the root it stands for is open.
      const isStandIn = path === '/' && this.#root !== '' && !this.#root.startsWith('/proc/');
      const entry: Entry = {
        type,
        mode: isStandIn ? 0o755 : stats.mode & 0o7777,
        uid: isStandIn ? 0 : stats.uid,
        gid: isStandIn ? 0 : stats.gid,
        size: stats.size,
        acl: null,
        ...(isLink ? { target: readlinkSync(outside) } : {}),
      };
      const isSecret = type === 'file' && this.#withContent.has(path) && stats.size <= MOST_SECRETS;
      const node: Node = { path, entry, modified: stats.mtime, content: isSecret ? this.#read(outside, path) : null };
      this.#nodes.set(path, node);
      return node;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null;
      const isAbsent = code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG';
      if (!isAbsent && !this.#isShut(path)) this.blind.push(`${path} could not be looked at (${String(code)})`);
      return null;
    }
  }

  /** Whether the worker can't get there either, so that nothing hangs on what we may not see. */
  #isShut(path: string): boolean {
    const parent = this.entryOf(parentOf(path));
    return parent !== null && permit(parent, this.#worker, SEARCH).verdict === 'refused';
  }

  #read(outside: string, path: string): Buffer | null {
    try {
      return readFileSync(outside);
    } catch {
      this.blind.push(`${path} could not be read`);
      return null;
    }
  }

  #make({ path, entry, content }: Node, destination: string): void {
    const place = path === '/' ? destination : `${destination}${path}`;
    switch (entry.type) {
      case 'directory':
        mkdirSync(place, { mode: 0o700 });
        return;
      case 'symlink': {
        const target = entry.target ?? '';
        symlinkSync(target.startsWith('/') ? `${destination}${target}` : target, place);
        return;
      }
      case 'file':
        closeSync(openSync(place, 'wx', 0o600));
        if (content === null) truncateSync(place, Math.min(entry.size, MOST_BYTES));
        else writeFileSync(place, content);
        return;
      default:
        // A socket or device decides about no request; nginx says 404 to anything that is no regular file.
        return;
    }
  }

  #settle(path: string, entry: Entry, modified: Date, destination: string): void {
    const place = path === '/' ? destination : `${destination}${path}`;
    if (entry.type === 'symlink') {
      if (this.isExact) lchownSync(place, entry.uid, entry.gid);
      return;
    }
    if (entry.type !== 'directory' && entry.type !== 'file') return;
    if (entry.type === 'file') utimesSync(place, modified, modified);
    if (this.isExact) {
      chownSync(place, entry.uid, entry.gid);
      chmodSync(place, entry.mode);
    } else chmodSync(place, (this.#effective(path, entry) << 6) | (entry.mode & 0o077));
  }

  /** What the worker may do here, as one octal digit. */
  #effective(path: string, entry: Entry): number {
    return [READ, WRITE, SEARCH].reduce((bits, bit) => {
      const permission = permit(entry, this.#worker, bit);
      if (permission.verdict === 'unknown') this.blind.push(`${path}: ${permission.missing}`);
      return permission.verdict === 'granted' ? bits | bit : bits;
    }, 0);
  }

  /** getfacl's own text with the places changed; setfacl reads it back, owners and default entries included. */
  async #copyAcls(nodes: readonly Node[], destination: string): Promise<void> {
    const read = await execute(['getfacl', '-n', '-p', '-s', '--', ...this.#outsideOf(withModes(nodes))]);
    if (!read.stdout.includes('# file: ')) return;
    const prefix = `# file: ${this.#root}`;
    const moved = read.stdout.replace(/^# file: .*$/gm, (line) => `# file: ${destination}${line.slice(prefix.length)}`);
    const restored = await execute(['setfacl', '--restore=-'], { input: moved });
    if (restored.code !== 0) this.blind.push('access ACLs could not be carried over');
  }

  async #readAcls(nodes: readonly Node[]): Promise<ReadonlyMap<string, Entry['acl']>> {
    const files = withModes(nodes);
    const read = await execute(['getfacl', '-n', '-p', '--', ...this.#outsideOf(files)]);
    // Without -s every file has its block, in the order asked for.
    const blocks = read.stdout.trimEnd().split('\n\n');
    if (read.code !== 0 || blocks.length !== files.length) return new Map();
    return new Map(
      files.map(({ path }, at) => {
        const acl = parseAcl(blocks[at] ?? '');
        return [path, acl === null ? 'unread' : isExtended(acl) ? acl : null] as const;
      }),
    );
  }

  #outsideOf(nodes: readonly Node[]): readonly string[] {
    return nodes.map(({ path }) => `${this.#root}${path}`);
  }
}

/** Links have neither modes nor ACLs that count. */
function withModes(nodes: readonly Node[]): readonly Node[] {
  return nodes.filter(({ entry }) => entry.type === 'directory' || entry.type === 'file');
}
