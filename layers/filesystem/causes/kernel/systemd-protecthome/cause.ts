import { defineCause, isSome } from '@why403/decision';
import type { Detection, Evidence, Remedy, Some } from '@why403/decision';
import type { Obstacles } from '../../../model/encounter.ts';
import { mountLine } from '../../../model/mounts.ts';
import { hidingOf, HOMES } from '../../../model/sandbox.ts';
import type { Hiding, Sandbox } from '../../../model/sandbox.ts';
import { isWithin, parentOf } from '../../../model/path.ts';
import { byHand, sightingAt } from '../../sightings.ts';
import { spotsOf } from '../../spots.ts';
import type { Spot } from '../../spots.ts';

/** The service manager hides the directory from the service: everybody else sees it as it is. */
export const cause = defineCause({
  id: 'kernel/systemd-protecthome',
  layer: 'kernel',
  title: 'The service runs in a sandbox that hides the directory from it',
  refines: [],
  needs: ['filesystem/obstacles', 'kernel/sandbox'],
  detect: (evidence): Detection => {
    const obstacles = evidence['filesystem/obstacles'];
    const sandbox = evidence['kernel/sandbox'];
    if (obstacles.state === 'unavailable') return { verdict: 'undetermined', missing: [obstacles.missing] };
    const all = obstacles.value;
    const spots = spotsOf(all).filter(isHidable);
    const suspicious = spots.filter((spot) => [...HOMES, '/tmp', '/var/tmp'].some((home) => isWithin(spot.path, home)));
    if (sandbox.state === 'unavailable') {
      if (suspicious.length > 0) return { verdict: 'undetermined', missing: [sandbox.missing] };
      return isSome(all.missing) ? { verdict: 'undetermined', missing: all.missing } : { verdict: 'excluded' };
    }
    const sightings = spots.flatMap((spot) => {
      const hiding = hidingOf(sandbox.value, spot.path);
      return hiding === null || !looksLike(spot, hiding) ? [] : [sightingAt(spot, draft(spot, hiding, sandbox.value, all))];
    });
    if (isSome(sightings)) return { verdict: 'found', sightings };
    return isSome(all.missing) ? { verdict: 'undetermined', missing: all.missing } : { verdict: 'excluded' };
  },
});

/** Something was refused or missing there, as far as the server or the model could tell. */
function isHidable(spot: Spot): boolean {
  const { encounter } = spot;
  if (encounter?.kind === 'unexplained') return true;
  return encounter?.kind === 'obstacle' && (encounter.obstacle.errno === 'EACCES' || encounter.obstacle.errno === 'ENOENT');
}

/** An empty cover shows as "no such file", an inaccessible one as "permission denied". */
function looksLike(spot: Spot, hiding: Hiding): boolean {
  const { encounter } = spot;
  if (encounter?.kind === 'obstacle') return (encounter.obstacle.errno === 'ENOENT') === (hiding.how === 'empty');
  return true;
}

function draft(spot: Spot, hiding: Hiding, sandbox: Sandbox, all: Obstacles): Parameters<typeof sightingAt>[1] {
  const unit = sandbox.unit ?? `the service of process ${sandbox.pid}`;
  const asked = spot.encounter?.path ?? spot.path;
  const seenOutside = sandbox.outside?.look(spot.path).state ?? 'unseen';
  const by = hiding.setting === null ? 'a mount of the service manager' : `${hiding.setting.name}=${hiding.setting.value}`;
  const shows = hiding.how === 'empty' ? 'an empty directory there' : 'a directory without any permission there';
  return {
    title: `${unit} can not see ${hiding.over}: ${by}`,
    why: `The service has its own view of the file system, with ${shows}. A test as ${all.identity.user} from a shell succeeds all the same, because the shell is outside that view.`,
    evidence: evidenceOf(spot, hiding, sandbox, seenOutside),
    remedies: remediesFor(hiding, sandbox, asked),
    // Without a look from outside, the path may be missing for everybody.
    weight: hiding.how === 'inaccessible' || seenOutside === 'present' ? 0.97 : seenOutside === 'absent' ? 0.2 : 0.75,
  };
}

function evidenceOf(spot: Spot, hiding: Hiding, sandbox: Sandbox, seenOutside: string): Some<Evidence> {
  const found: Evidence[] = [];
  const { setting, mount } = hiding;
  if (setting !== null) {
    const place = {
      ...(setting.file === undefined ? {} : { file: setting.file }),
      ...(setting.line === undefined ? {} : { line: setting.line }),
    };
    found.push({
      kind: 'config',
      ...place,
      text: `${setting.name}=${setting.value}`,
      says: `A setting of ${sandbox.unit ?? 'the unit'}.`,
      audience: 'operator',
    });
  }
  if (mount !== null) {
    const file = `/proc/${sandbox.pid}/mountinfo`;
    found.push({
      kind: 'file',
      file,
      text: mountLine(mount),
      says: `The service sees this mount in place of ${mount.point}.`,
      audience: 'operator',
    });
  }
  if (seenOutside === 'present') {
    found.push({ kind: 'probe', file: spot.path, says: 'Outside of the service it is there.', audience: 'operator' });
  }
  return isSome(found) ? found : [{ kind: 'absence', file: spot.path, says: 'The service does not see it.', audience: 'operator' }];
}

function remediesFor(hiding: Hiding, sandbox: Sandbox, asked: string): Some<Remedy> {
  const unit = sandbox.unit ?? 'UNIT.service';
  const directory = parentOf(asked);
  const move = byHand('Keep the sandbox and serve from elsewhere.', `Move what is served out of ${hiding.over}, for instance to /srv/www.`);
  const name = hiding.setting?.name ?? (HOMES.some((home) => home === hiding.over) ? 'ProtectHome' : null);
  const apply = `systemctl daemon-reload && systemctl restart ${unit}`;
  if (name === 'ProtectHome') {
    return [
      byHand(
        'Show the service this one folder, read-only, and keep the other homes hidden.',
        `systemctl edit ${unit}, with the lines:  [Service]  ProtectHome=tmpfs  BindReadOnlyPaths=${directory}`,
        apply,
      ),
      move,
      byHand('Or show it all homes read-only.', `systemctl edit ${unit}, with the lines:  [Service]  ProtectHome=read-only`, apply),
    ];
  }
  if (hiding.how === 'empty') {
    return [
      byHand(
        'Show the service this one folder, read-only.',
        `systemctl edit ${unit}, with the lines:  [Service]  BindReadOnlyPaths=${directory}`,
        apply,
      ),
      move,
    ];
  }
  return [
    move,
    byHand(
      'Or take the directory off the list of what is hidden.',
      `systemctl edit ${unit}: set ${name ?? 'InaccessiblePaths'} anew without ${hiding.over}`,
      apply,
    ),
  ];
}
