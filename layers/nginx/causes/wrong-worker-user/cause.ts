import { defineCause, type Detection, type Evidence, isSome, type Remedy, type Sighting, type Some } from '@why403/decision';
import {
  access,
  type Accounts,
  type Encounter,
  entryLine,
  groupName,
  identityOf,
  isServerAccount,
  membersOf,
  modeText,
  type Obstacles,
  openings,
  userName,
} from '@why403/filesystem';
import { sightingOf } from '@why403/terms/sighting';
import type { Directive } from '../../model/syntax/ast.ts';
import { replace } from '../../model/syntax/index.ts';
import type { NginxRefusals } from '../evidence.ts';
import { placeOf, quote, textOf } from '../quote.ts';

/** The files are made for one server account, and the workers run as another. */
export const cause = defineCause({
  id: 'nginx/wrong-worker-user',
  layer: 'server',
  title: 'The usual server account may read the file, but the user directive names another',
  refines: [
    'filesystem/index-file-unreadable',
    'filesystem/directory-not-listable',
    'filesystem/file-unreadable',
    'filesystem/no-search-permission',
  ],
  needs: ['nginx/refusals', 'filesystem/obstacles'],
  detect: ({ 'nginx/refusals': refusals, 'filesystem/obstacles': obstacles }): Detection => {
    if (refusals.state === 'unavailable') return { verdict: 'undetermined', missing: [refusals.missing] };
    if (obstacles.state === 'unavailable') return { verdict: 'undetermined', missing: [obstacles.missing] };
    const sightings = obstacles.value.encounters.flatMap((one) => see(one, obstacles.value, refusals.value));
    if (isSome(sightings)) return { verdict: 'found', sightings };
    const { missing } = refusals.value;
    return isSome(missing) ? { verdict: 'undetermined', missing } : { verdict: 'excluded' };
  },
});

/** The accounts that distributions and nginx's own packages let nginx run as. */
const USUAL = ['www-data', 'nginx', 'http', 'apache'] as const;
/** Where the file itself names the account, as its owner or group, little is left to read into it. */
const NAMED = 0.98;
const ALLOWED = 0.85;

type Refused = Extract<Encounter, { kind: 'obstacle' }>;

function see(encounter: Encounter, all: Obstacles, { configuration }: NginxRefusals): readonly Sighting[] {
  if (encounter.kind !== 'obstacle' || encounter.role === 'support') return [];
  const { entry, errno, needs, path } = encounter.obstacle;
  const user = configuration.directives.find(({ name }) => name === 'user');
  if (errno !== 'EACCES' || entry === null || user === undefined || (needs !== 'read' && needs !== 'search')) return [];
  const account = accountsFor(encounter, all).find((one) => one !== all.identity.user && mayUse(encounter, one, all));
  if (account === undefined) return [];
  const owner = userName(all.accounts, entry.uid);
  const group = groupName(all.accounts, entry.gid);
  const isNamed = owner === account || group === account;
  const first: Evidence = {
    kind: 'file',
    file: path,
    text: entryLine(path, entry, all.accounts),
    says: `${modeText(entry)}, of ${owner}:${group}: ${account} has the permission that ${all.identity.user} lacks.`,
    audience: 'operator',
  };
  const draft = {
    title: `${encounter.path} is readable for ${account}, but nginx runs as ${all.identity.user} (${textOf(user)} at ${placeOf(user)})`,
    why: `The workers open files with the rights of the account that the user directive names. The way to this file is open for ${account}, the account ${isNamed ? 'it belongs to' : 'that servers of this system usually run as'}, and closed for ${all.identity.user}.`,
    evidence: [first, quote(user, `The workers run as ${all.identity.user} because of this.`)] as const,
    remedies: remediesFor(encounter, account, user, all, configuration),
    weight: isNamed ? NAMED : ALLOWED,
  };
  return [sightingOf({ at: encounter.at, confidence: encounter.weight, observed: [...encounter.observed, ...encounter.context] }, draft)];
}

/** The usual accounts that exist here, and the only account of a server in the group of what was refused. */
function accountsFor({ obstacle }: Refused, { accounts }: Obstacles): readonly string[] {
  const usual = USUAL.filter((name) => accounts.users.some((user) => user.name === name));
  const gid = obstacle.entry?.gid;
  const members = gid === undefined ? [] : serversIn(accounts, gid);
  return [...new Set([...usual, ...(members.length === 1 ? members : [])])];
}

function serversIn(accounts: Accounts, gid: number): readonly string[] {
  return (membersOf(accounts, gid) ?? []).filter((name) => isServerAccount(name) && name !== 'nobody');
}

function mayUse({ path, use }: Refused, account: string, { accounts, tree }: Obstacles): boolean {
  const identity = identityOf(accounts, account);
  return identity !== null && access(tree, identity, path, use === 'execute' ? 'stat' : use).verdict === 'granted';
}

function remediesFor(
  { obstacle, acls }: Refused,
  account: string,
  user: Directive,
  all: Obstacles,
  configuration: NginxRefusals['configuration'],
): Some<Remedy> {
  const back: Remedy = {
    who: 'operator',
    say: `Let the workers run as ${account}, if that is what this server was set up for: then every file is opened with its rights, so look for what ${all.identity.user} alone may read.`,
    apply: 'review',
    steps: [{ kind: 'edit', edits: [replace(configuration, user, `user ${account};`)] }],
  };
  const { entry, needs, path } = obstacle;
  if (entry === null || (needs !== 'read' && needs !== 'search')) return [back];
  return [back, ...openings({ path, entry, want: needs, identity: all.identity, accounts: all.accounts, acls })];
}
