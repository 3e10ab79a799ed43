import { gathered, unavailable } from '@why403/decision';
import type { Bag, Evidence } from '@why403/decision';
import { identityOf, parseAccounts } from '../model/accounts.ts';
import type { Accounts } from '../model/accounts.ts';
import { parseDenials } from '../model/denials/denial.ts';
import type { Obstacles } from '../model/encounter.ts';
import { parseIdMap } from '../model/id-map.ts';
import { metAll } from '../model/meet.ts';
import type { Asked } from '../model/meet.ts';
import { parseMountinfo } from '../model/mounts.ts';
import { parseUnitSettings } from '../model/sandbox.ts';
import { treeOf, USUAL_ACCOUNTS } from '../model/tree-spec.ts';
import type { FileTree, Identity } from '../model/tree.ts';
import { Given } from '@why403/terms/given';

const KEYS = ['as', 'passwd', 'group', 'tree', 'world', 'protected-symlinks', 'asks', 'missing', 'pids', 'comm', 'window'] as const;

/**
 * Turns a case's `given` into evidence, through the house's own model:
 *
 * - `as` (www-data), `passwd` and `group` lines beside the usual accounts, `bypass`
 * - `tree`: path to `drwxr-x--- alice www-data`; `world: open` makes what isn't named unseen
 * - `asks`: what the server does with which path, in its order: `path`, `use` (read), `role` (content),
 *   `logged` (an errno the server logged), `log` (its line), `acls`, `links` with `rule`
 * - `missing`: why the server's walk could not be followed; `unavailable`: why nothing is known at all
 * - `denials`, `sandbox`, `mounts`, `namespace`: what the kernel's side tells
 */
export function bagOf(given: Readonly<Record<string, unknown>>): Bag {
  const all = new Given(given).only(...KEYS, 'bypass', 'unavailable', 'denials', 'sandbox', 'mounts', 'namespace');
  const why = all.text('unavailable');
  return {
    'filesystem/obstacles': why === null ? gathered(obstaclesOf(all)) : unavailable(why),
    ...denialsOf(all),
    ...sandboxOf(all),
    ...mountsOf(all),
    ...namespaceOf(all),
  };
}

function obstaclesOf(all: Given): Obstacles {
  const accounts = accountsOf(all);
  const identity = workerOf(all, accounts);
  const tree = treeIn(all, accounts);
  const met = metAll(tree, identity, all.maps('asks').map(askedOf));
  const window = all.map('window')?.only('from', 'to');
  return {
    ...met,
    missing: [...met.missing, ...all.texts('missing')],
    identity,
    accounts,
    tree,
    process: { pids: all.numbers('pids'), comm: all.text('comm') },
    window: window === undefined ? null : { from: (window.number('from') ?? 0) * 1000, to: (window.number('to') ?? 0) * 1000 },
  };
}

function accountsOf(all: Given): Accounts {
  const more = parseAccounts(all.text('passwd') ?? '', all.text('group') ?? '');
  return { users: [...USUAL_ACCOUNTS.users, ...more.users], groups: [...USUAL_ACCOUNTS.groups, ...more.groups] };
}

function workerOf(all: Given, accounts: Accounts): Identity {
  const name = all.text('as') ?? 'www-data';
  const identity = identityOf(accounts, name);
  if (identity === null) throw new Error(`given.as: no account is called ${name}`);
  const bypass = all.flag('bypass');
  return bypass === null ? identity : { ...identity, bypass };
}

function treeIn(all: Given, accounts: Accounts): FileTree {
  const world = all.word('world', ['open', 'closed']) ?? 'closed';
  return treeOf(all.jotting('tree'), { accounts, world, protectedSymlinks: all.flag('protected-symlinks') });
}

function askedOf(one: Given, at: number): Asked {
  one.only('at', 'path', 'use', 'role', 'weight', 'logged', 'log', 'acls', 'links', 'rule');
  const logged = one.word('logged', ['EACCES', 'EPERM', 'ENOENT', 'EIO', 'ESTALE']);
  const policy = one.word('links', ['no-links', 'same-owner']);
  const line = one.text('log');
  const log: Evidence | null = line === null ? null : { kind: 'log', text: line, says: "The server's own log.", audience: 'operator' };
  return {
    at: one.number('at') ?? at,
    path: one.text('path') ?? '',
    use: one.word('use', ['stat', 'lstat', 'read', 'list', 'search', 'execute']) ?? 'read',
    role: one.word('role', ['content', 'index', 'listing', 'support']) ?? 'content',
    weight: one.number('weight') ?? 1,
    observed: log === null ? [] : [log],
    acls: one.flag('acls') ?? true,
    ...(logged === null ? {} : { logged }),
    ...(policy === null ? {} : { links: { policy, rule: ruleOf(one.map('rule')), remedies: [] } }),
  };
}

function ruleOf(rule: Given | null): Evidence {
  const text = rule?.text('text') ?? '';
  const file = rule?.text('file') ?? '';
  return { kind: 'config', file, line: rule?.number('line') ?? 1, text, says: 'The rule about links.', audience: 'operator' };
}

function denialsOf(all: Given): Bag {
  const denials = all
    .map('denials')
    ?.only('unavailable', 'selinux', 'apparmor', 'profile', 'file', 'log', 'searched', 'unsearched', 'booleans');
  if (denials === undefined) return {};
  const why = denials.text('unavailable');
  if (why !== null) return { 'kernel/denials': unavailable(why) };
  const file = denials.text('file') ?? '/var/log/audit/audit.log';
  const log = denials.text('log');
  return {
    'kernel/denials': gathered({
      selinux: denials.word('selinux', ['enforcing', 'permissive', 'disabled']),
      apparmor: denials.word('apparmor', ['enabled', 'disabled']),
      profile: denials.text('profile'),
      records: log === null ? [] : parseDenials(file, log),
      searched: denials.has('searched') ? denials.texts('searched') : log === null ? [] : [file],
      unsearched: denials.texts('unsearched'),
      booleans: new Map(Object.entries(denials.flags('booleans'))),
    }),
  };
}

function sandboxOf(all: Given): Bag {
  const sandbox = all.map('sandbox')?.only('unavailable', 'pid', 'unit', 'show', 'mountinfo', 'outside');
  if (sandbox === undefined) return {};
  const why = sandbox.text('unavailable');
  if (why !== null) return { 'kernel/sandbox': unavailable(why) };
  const show = sandbox.text('show');
  return {
    'kernel/sandbox': gathered({
      pid: sandbox.number('pid') ?? 1,
      unit: sandbox.text('unit'),
      settings: show === null ? null : parseUnitSettings(show),
      mounts: parseMountinfo(sandbox.text('mountinfo') ?? ''),
      outside: sandbox.has('outside') ? treeOf(sandbox.jotting('outside'), { accounts: accountsOf(all) }) : null,
    }),
  };
}

function mountsOf(all: Given): Bag {
  const mountinfo = all.text('mounts');
  return mountinfo === null ? {} : { 'kernel/mounts': gathered(parseMountinfo(mountinfo)) };
}

function namespaceOf(all: Given): Bag {
  const namespace = all.map('namespace')?.only('pid', 'uids', 'gids');
  if (namespace === undefined) return {};
  const uids = parseIdMap(namespace.text('uids') ?? '');
  const gids = namespace.has('gids') ? parseIdMap(namespace.text('gids') ?? '') : uids;
  return { 'kernel/user-namespace': gathered({ pid: namespace.number('pid') ?? 1, uids, gids }) };
}
