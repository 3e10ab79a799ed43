import type { Evidence, Remedy } from '@why403/decision';
import { type Encounter, type FileTree, forbiddenLink, type Identity, meet, type Role, type Touched, type Use } from '@why403/filesystem';
import { replace, writeWord } from './syntax/index.ts';
import type { Attributed } from './attribution/attribute.ts';
import type { Observation } from './attribution/observation.ts';
import type { Refusal, Walk } from './trace.ts';
import type { Configuration, Directive } from './syntax/ast.ts';

type Quote = (directive: Directive, says: string) => Evidence;

export interface Surroundings {
  readonly configuration: Configuration;
  readonly tree: FileTree;
  readonly worker: Identity;
  readonly quote: Quote;
  /** Of the request, as sent. */
  readonly target: string;
}

/** The refusals that the file system is behind, in the words every server's house shares. */
export function encountersOf(items: readonly Attributed[], around: Surroundings): readonly Encounter[] {
  const { quote } = around;
  return items.flatMap((item): readonly Encounter[] => {
    const { refusal, at, confidence: weight, context: observed } = item;
    if (refusal.kind === 'symlink') return symlink(item, refusal, around);
    if (refusal.kind === 'obstacle' || refusal.kind === 'auth-basic-file') {
      const context = refusal.kind === 'obstacle' ? rootContext(refusal.root, quote) : [quote(refusal.rule, 'This names the file.')];
      const base = { at, path: refusal.path, weight, context, observed, acls: null } as const;
      return [{ ...base, ...wanted(refusal, isIndexOf(item, around.target)), kind: 'obstacle', obstacle: refusal.obstacle }];
    }
    return [];
  });
}

/** ngx_http_core_module disable_symlinks: a rule of nginx's own about links the kernel would follow. */
function symlink(item: Attributed, refusal: Extract<Refusal, { kind: 'symlink' }>, around: Surroundings): readonly Encounter[] {
  const policy = refusal.ownerMismatch ? 'same-owner' : 'no-links';
  const found = forbiddenLink(around.tree, around.worker, refusal.path, policy);
  if (found.state !== 'found') return [];
  const base = {
    at: item.at,
    path: refusal.path,
    use: 'read',
    role: 'content',
    weight: item.confidence,
    context: [],
    observed: item.context,
    acls: null,
  } as const;
  const rule = around.quote(refusal.rule, 'nginx looks for symbolic links on the way because of this.');
  return [{ ...base, kind: 'link-policy', policy, link: found.link, rule, remedies: [exceptLink(refusal.rule, found.link.path, around)] }];
}

/** `from=` exempts the beginning of a path; a path that doesn't begin so is still checked whole. */
function exceptLink(rule: Directive, link: string, { configuration }: Surroundings): Remedy {
  const mode = rule.args[0] ?? 'on';
  return {
    who: 'operator',
    say: `Exempt this one link with from=${link}; links elsewhere, and behind it, are still refused.`,
    apply: 'review',
    steps: [{ kind: 'edit', edits: [replace(configuration, rule, `disable_symlinks ${mode} ${writeWord(`from=${link}`)};`)] }],
  };
}

function rootContext(root: Directive | null, quote: Quote): readonly Evidence[] {
  return root === null ? [] : [quote(root, 'The path begins with what this says.')];
}

/** For a directory nginx redirects internally to the index file it found, and opens that in a later round. */
function isIndexOf({ check }: Attributed, target: string): boolean {
  return check.round > 0 && target.replace(/\?.*$/s, '').endsWith('/');
}

function wanted(
  refusal: Extract<Refusal, { kind: 'obstacle' | 'auth-basic-file' }>,
  isIndex: boolean,
): { readonly use: Use; readonly role: Role } {
  if (refusal.kind === 'auth-basic-file') return { use: 'read', role: 'support' };
  switch (refusal.use) {
    case 'index':
      return { use: 'stat', role: 'index' };
    case 'list':
      return { use: 'list', role: 'listing' };
    case 'open':
      return { use: 'read', role: isIndex ? 'index' : 'content' };
    case 'try-files':
      return { use: 'stat', role: 'content' };
    case 'error-page':
      return { use: 'read', role: 'support' };
  }
}

const ERRNO_NAMES = new Map([
  [13, 'EACCES'],
  [1, 'EPERM'],
  [5, 'EIO'],
  [116, 'ESTALE'],
] as const);

/**
 * Lines in which nginx says that the system refused it a path, though mode bits and ACLs on the whole way
 * admit the worker: something beyond them decides, such as a security module, a sandbox or a mount.
 */
export function unexplained(items: readonly Attributed[], observation: Observation | null): readonly Encounter[] {
  if (observation?.errors == null || items.some((item) => item.at === 0 && item.refusal.kind === 'obstacle')) return [];
  return observation.errors.flatMap((line): readonly Encounter[] => {
    const parts = /"([^"]+)" (?:failed|is forbidden) \((\d+):/.exec(line.message);
    const errno = ERRNO_NAMES.get(Number(parts?.[2]) as 13); // other numbers simply aren't in the map
    if (parts?.[1] === undefined || errno === undefined) return [];
    const observed: Evidence = {
      kind: 'log',
      file: line.file,
      ...(line.line === null ? {} : { line: line.line }),
      text: line.text,
      says: 'nginx logged this for the very request.',
      audience: 'operator',
    };
    return [
      {
        kind: 'unexplained',
        at: 0,
        path: parts[1],
        real: parts[1],
        errno,
        use: 'read',
        role: 'content',
        weight: 0.9,
        context: [],
        observed: [observed],
        acls: null,
      },
    ];
  });
}

/** A walk that ends at a pipe, socket or device, which nginx answers as if it weren't there (ngx_http_static_handler). */
export function fileTypes(walk: Walk | undefined, observation: Observation | null, { tree, worker }: Surroundings): readonly Encounter[] {
  if (walk?.answer.state !== 'answered' || (observation !== null && observation.status !== walk.answer.status)) return [];
  const refusal = walk.checks[walk.answer.by]?.refusal;
  if (refusal?.kind !== 'built-in' || refusal.path === undefined) return [];
  const met = meet(tree, worker, {
    at: 0,
    path: refusal.path,
    use: 'read',
    role: 'content',
    weight: FILE_TYPE,
    observed: observation?.quotes ?? [],
  });
  return met.state === 'refused' && met.encounter.kind === 'file-type' ? [met.encounter] : [];
}

/** The server says nothing of it, but the walk had no doubt. */
const FILE_TYPE = 0.96;

/** The file that a walk ends at, for joining the kernel's own records when the server says nothing. */
export function touchedBy(walk: Walk | undefined): readonly Touched[] {
  const answer = walk?.answer.state === 'answered' ? walk.answer : null;
  if (answer === null || answer.what === null || (answer.source !== 'file' && answer.source !== 'listing')) return [];
  return [{ at: 0, path: answer.what, real: null }];
}
