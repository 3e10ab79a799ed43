import { access, type Entry, type Errno, type FileTree, type Obstacle } from '@why403/filesystem';
import type { Refusal } from '../trace.ts';
import { type Journey, refusalOf } from '../journey.ts';
import { fromBytes } from '../values/bytes.ts';
import { expand } from '../values/expand.ts';
import type { Tested } from '../values/state.ts';
import { walkLinkless } from './linkless.ts';

/** What opening, testing or listing a path comes to for the worker. */
export type Reached =
  | { readonly state: 'reached'; readonly entry: Entry; readonly real: string }
  | {
      readonly state: 'blocked';
      readonly errno: Errno;
      readonly refusal: (status: number, use: ObstacleUse) => Refusal;
      readonly says: string;
    }
  | { readonly state: 'unknown'; readonly missing: string };

export type ObstacleUse = Extract<Refusal, { kind: 'obstacle' }>['use'];

/** `test` is a stat, `open` an open for reading, `list` an opendir (which disable_symlinks never touches). */
export function reach(journey: Journey, bytes: string, how: 'test' | 'open' | 'list'): Reached {
  const path = fromBytes(bytes);
  const tree = liftedTree(journey);
  if (journey.scope.settings.disableSymlinks !== null && how !== 'list') {
    const linkless = withoutLinks(journey, tree, path, how);
    if (linkless !== null) return linkless;
  }
  const use = how === 'test' ? 'stat' : how === 'open' ? 'read' : 'list';
  const found = access(tree, journey.world.worker, path, use);
  if (found.verdict === 'granted') return { state: 'reached', entry: found.entry, real: found.real };
  if (found.verdict === 'unknown') return { state: 'unknown', missing: found.missing };
  return blockedBy(journey, path, found.obstacle);
}

/** A script's file test (ngx_http_script_file_code): whatever keeps the worker away makes the file absent. */
export function testFile(journey: Journey, bytes: string): Tested {
  const reached = reach(journey, bytes, 'test');
  switch (reached.state) {
    case 'reached':
      return { state: 'present', entry: reached.entry };
    case 'blocked':
      return { state: 'absent' };
    case 'unknown':
      return reached;
  }
}

/** With disable_symlinks in force; null when its `from` covers the whole path, so that links are followed. */
function withoutLinks(journey: Journey, tree: FileTree, path: string, how: 'test' | 'open'): Reached | null {
  const setting = journey.scope.settings.disableSymlinks;
  if (setting === null) return null;
  let trusted = 0;
  if (setting.from !== null) {
    const from = expand(setting.from, journey.state);
    if (!from.known) return { state: 'unknown', missing: from.missing };
    const prefix = fromBytes(from.value);
    if (prefix === path && prefix !== '') return null;
    if (prefix !== '' && path.startsWith(prefix)) {
      // ngx_http_set_disable_symlinks: only a prefix that ends at a slash counts.
      if (path[prefix.length] === '/') trusted = prefix.length;
      else if (prefix.endsWith('/')) trusted = prefix.length - 1;
    }
  }
  const walked = walkLinkless(tree, journey.world.worker, path, {
    mode: setting.mode,
    trusted,
    isSkipped: (component) => journey.lift.has(`symlink ${component}`),
  });
  switch (walked.state) {
    case 'reached':
    case 'unknown':
      return walked;
    case 'obstacle':
      return blockedBy(journey, path, walked.obstacle);
    case 'symlink': {
      const { component, ownerMismatch, errno } = walked;
      return {
        state: 'blocked',
        errno,
        says: `${component} is a symbolic link${ownerMismatch ? ' whose target belongs to someone else' : ''}, and disable_symlinks forbids it (${errno}${how === 'test' ? ' while testing' : ''})`,
        refusal: (status) => refusalOf('symlink', status, component, { rule: setting.directive, path, component, ownerMismatch }),
      };
    }
  }
}

function blockedBy(journey: Journey, path: string, obstacle: Obstacle): Reached {
  const root = journey.scope.settings.root.directive;
  return {
    state: 'blocked',
    errno: obstacle.errno,
    says: `${path}: ${obstacle.errno} at ${obstacle.path}${obstacle.needs === null ? '' : `, where the worker lacks ${obstacle.needs} permission`}`,
    refusal: (status, use) => refusalOf('obstacle', status, obstacleSpot(obstacle), { path, use, obstacle, root }),
  };
}

function obstacleSpot(obstacle: Obstacle): string {
  return obstacle.errno === 'EACCES' && obstacle.needs !== null
    ? `${obstacle.needs}:${obstacle.path}`
    : `${obstacle.errno}:${obstacle.path}`;
}

const BITS: Readonly<Record<string, number>> = { search: 0o111, read: 0o444 };
const LIFTED = /^(?:obstacle|auth-basic-file) (search|read):(.*)$/s;

/** The tree with the permissions granted that lifted obstacles lacked. */
export function liftedTree(journey: Journey): FileTree {
  if (journey.lift.size === 0) return journey.world.tree;
  const grants = new Map<string, number>();
  for (const key of journey.lift) {
    const [, needs = '', path = ''] = LIFTED.exec(key) ?? [];
    if (path !== '') grants.set(path, (grants.get(path) ?? 0) | (BITS[needs] ?? 0));
  }
  const { tree } = journey.world;
  if (grants.size === 0) return tree;
  return {
    look: (path) => {
      const look = tree.look(path);
      const bits = grants.get(path);
      if (look.state !== 'present' || bits === undefined) return look;
      return { state: 'present', entry: { ...look.entry, mode: look.entry.mode | bits, acl: null } };
    },
    list: (directory) => tree.list(directory),
    read: (path) => tree.read(path),
    ...(tree.protectedSymlinks === undefined ? {} : { protectedSymlinks: tree.protectedSymlinks }),
  };
}
