import { defineCause, type Detection, type Evidence, isSome, type Remedy, type Some } from '@why403/decision';
import { entryLine, modeText, type Obstacles, openings, secretLike } from '@why403/filesystem';
import { sightingOf } from '@why403/terms/sighting';
import type { Directive } from '../../model/syntax/ast.ts';
import type { Refusal } from '../../model/trace.ts';
import { placeOf, quote, textOf } from '../quote.ts';

/** The modules for video open their files themselves, and are refused like any other reader. */
export const cause = defineCause({
  id: 'nginx/mp4-flv-unreadable',
  layer: 'server',
  title: 'The mp4 or flv module may not open the video',
  refines: ['filesystem/file-unreadable', 'filesystem/no-search-permission'],
  needs: ['nginx/refusals', 'filesystem/obstacles'],
  detect: ({ 'nginx/refusals': refusals, 'filesystem/obstacles': obstacles }): Detection => {
    if (refusals.state === 'unavailable') return { verdict: 'undetermined', missing: [refusals.missing] };
    if (obstacles.state === 'unavailable') return { verdict: 'undetermined', missing: [obstacles.missing] };
    const { items, missing } = refusals.value;
    const sightings = items.flatMap((item) => {
      const { directive } = item.check;
      if (item.refusal.kind !== 'obstacle' || item.refusal.obstacle.errno !== 'EACCES') return [];
      if (directive === null || (directive.name !== 'mp4' && directive.name !== 'flv')) return [];
      return [sightingOf({ ...item, observed: item.context }, draftOf(item.refusal, directive, obstacles.value))];
    });
    if (isSome(sightings)) return { verdict: 'found', sightings };
    return isSome(missing) ? { verdict: 'undetermined', missing } : { verdict: 'excluded' };
  },
});

type Unopened = Extract<Refusal, { kind: 'obstacle' }>;

function draftOf({ path, obstacle }: Unopened, directive: Directive, all: Obstacles) {
  const worker = all.identity.user;
  const at =
    obstacle.path === path
      ? 'the file itself lacks the permission to be read'
      : `${obstacle.path} on the way lacks the permission to be passed through`;
  return {
    title: `The ${directive.name} module may not open ${path} as ${worker}`,
    why: `${textOf(directive)} at ${placeOf(directive)} hands the request to a module that opens the video by itself, with the rights of ${worker}: ${at}. Where the module is switched off, the same file is refused in the same way.`,
    evidence: [fileEvidence(obstacle, all), quote(directive, 'This module serves the video.')] as const satisfies Some<Evidence>,
    remedies: remediesFor(path, obstacle, all),
  };
}

function fileEvidence({ path, entry, needs }: Unopened['obstacle'], all: Obstacles): Evidence {
  if (entry === null) return { kind: 'file', file: path, says: `${all.identity.user} is refused here.`, audience: 'operator' };
  const lacks = needs === null ? 'is refused here' : `lacks ${needs} permission here`;
  return {
    kind: 'file',
    file: path,
    text: entryLine(path, entry, all.accounts),
    says: `${modeText(entry)}: ${all.identity.user} ${lacks}.`,
    audience: 'operator',
  };
}

function remediesFor(video: string, { path, entry, needs }: Unopened['obstacle'], all: Obstacles): Some<Remedy> {
  const secret = secretLike(video);
  if (secret !== null)
    return [{ who: 'operator', say: `${secret}: that it can't be read over the web is right.`, apply: 'none', steps: [] }];
  if (entry === null || (needs !== 'read' && needs !== 'search')) {
    const text = `Look at the permissions of ${path} and of every directory above it.`;
    return [{ who: 'operator', say: `Let ${all.identity.user} open the video.`, apply: 'by-hand', steps: [{ kind: 'manual', text }] }];
  }
  const encounter = all.encounters.find((one) => one.kind === 'obstacle' && one.obstacle.path === path);
  return openings({ path, entry, want: needs, identity: all.identity, accounts: all.accounts, acls: encounter?.acls ?? null });
}
