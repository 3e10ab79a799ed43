import type { Identity } from '@why403/filesystem';
import { identityNamed, readAccounts, type View } from '@why403/filesystem/collect';
import type { Configuration } from '../model/syntax/index.ts';
import type { Build } from './build.ts';

/** Whom a configuration lets its workers run as, and what that rests on. */
export interface AssumedIdentity {
  readonly identity: Identity | null;
  /** How it was found, or why it was not, as a sentence. */
  readonly says: string;
}

/**
 * The worker's account when no worker runs: by the `user` directive, else by the build. Its groups come from
 * the view's own database, as initgroups(3) gives them to the worker. A master without root's rights ignores
 * all of this, which only a look at the process can tell.
 */
export async function identityFromConfiguration(
  view: View,
  configuration: Configuration,
  build: Pick<Build, 'user' | 'group'>,
): Promise<AssumedIdentity> {
  const directive = configuration.directives.find(({ name }) => name === 'user');
  const user = directive?.args[0] ?? build.user;
  // ngx_set_user takes the group of the user's own name when none is given.
  const group = directive === undefined ? build.group : (directive.args[1] ?? user);
  const origin = directive === undefined ? `nginx's own default` : `${directive.place.file}:${directive.place.line}`;
  const { accounts } = readAccounts(view);
  const found = await identityNamed(view, accounts, user);
  if (found === null) return { identity: null, says: `workers run as ${user} by ${origin}, which the user database doesn't know` };
  const gid = group === null ? found.gid : accounts.groups.find(({ name }) => name === group)?.gid;
  if (gid === undefined)
    return { identity: null, says: `workers run with group ${String(group)} by ${origin}, which the group database doesn't know` };
  const groups = [gid, ...found.groups.filter((one) => one !== found.gid)];
  return { identity: { ...found, gid, groups }, says: `workers run as ${user} by ${origin}; no worker process was looked at` };
}
