import { defineCause } from '@why403/decision';
import type { Evidence, Remedy } from '@why403/decision';
import { access } from '../../model/access.ts';
import { parentOf } from '../../model/path.ts';
import type { Encounter, Obstacles } from '../../model/encounter.ts';
import type { Link } from '../../model/tree.ts';
import { absenceEvidence, byHand, detectEncounters, fileEvidence } from '../sightings.ts';
import type { Draft } from '@why403/terms/sighting';

/** A symbolic link on the way leads to nothing, or in a circle. */
export const cause = defineCause({
  id: 'filesystem/dangling-symlink',
  layer: 'filesystem',
  title: 'A symbolic link on the way leads to nothing',
  refines: [],
  needs: ['filesystem/obstacles'],
  detect: (evidence) =>
    detectEncounters(evidence['filesystem/obstacles'], (encounter, all) => {
      if (encounter.kind !== 'obstacle') return null;
      const { errno, links = [], path } = encounter.obstacle;
      if (errno === 'ELOOP') return circle(encounter, all, links[0] ?? { path, target: path });
      if (errno !== 'ENOENT') return null;
      const broken = links.find((link) => isBroken(link, all));
      return broken === undefined ? null : dangling(broken, path, all);
    }),
});

/** Whether the link by itself leads nowhere; a file that is merely missing behind a sound link is another matter. */
function isBroken(link: Link, all: Obstacles): boolean {
  const end = access(all.tree, { ...all.identity, bypass: true }, link.path, 'stat');
  return end.verdict === 'refused' && end.obstacle.errno === 'ENOENT';
}

function dangling(link: Link, missing: string, all: Obstacles): Draft {
  return {
    title: `The link ${link.path} leads to ${link.target}, which does not exist`,
    why: `Following the link ends at ${missing}: nothing is there. Typical after a release folder was removed, a disk was not mounted, or the link was made relative to another folder.`,
    evidence: [linkEvidence(link, all), absenceEvidence(missing, 'There is no such file or directory.')],
    remedies: [
      repoint(
        link,
        `Bring back ${missing}: restore it, or mount what holds it (see whether ${parentOf(missing)} is a mount point in /etc/fstab).`,
      ),
    ],
  };
}

function circle(encounter: Encounter, all: Obstacles, link: Link): Draft {
  return {
    title: `The link ${link.path} leads in a circle`,
    why: `On the way to ${encounter.path} the kernel followed 40 links and gave up ("Too many levels of symbolic links").`,
    evidence: [linkEvidence(link, all)],
    remedies: [repoint(link, `Make the link anew so that it does not lead back to itself.`)],
  };
}

function linkEvidence(link: Link, all: Obstacles): Evidence {
  const look = all.tree.look(link.path);
  const says = `A symbolic link to ${link.target}.`;
  return look.state === 'present' ? fileEvidence(link.path, look.entry, all, says) : absenceEvidence(link.path, says);
}

function repoint(link: Link, restore: string): Remedy {
  return byHand(
    'Bring the target back or let the link lead to what exists.',
    restore,
    `Or point the link elsewhere: ln -sfn TARGET ${link.path}`,
  );
}
