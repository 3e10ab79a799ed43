import { defineCause, isSome } from '@why403/decision';
import { userName } from '../../model/accounts.ts';
import type { ObstacleEncounter, Obstacles } from '../../model/encounter.ts';
import { parentOf } from '../../model/path.ts';
import { absenceEvidence, byHand, commands, detectEncounters, fileEvidence } from '../sightings.ts';
import type { Draft } from '@why403/terms/sighting';

/** The server is told to follow no symbolic links, or the kernel does not follow this one for the worker. */
export const cause = defineCause({
  id: 'filesystem/symlink-not-allowed',
  layer: 'filesystem',
  title: 'A symbolic link is on the way, and following it is not allowed',
  refines: [],
  needs: ['filesystem/obstacles'],
  detect: (evidence) =>
    detectEncounters(evidence['filesystem/obstacles'], (encounter, all) => {
      if (encounter.kind === 'obstacle') return protectedLink(encounter, all);
      if (encounter.kind !== 'link-policy' || encounter.policy !== 'no-links') return null;
      const { link, rule } = encounter;
      const look = all.tree.look(link.path);
      const says = `A symbolic link to ${link.target}.`;
      const fallback = byHand(
        'Do without the link.',
        `Put the content itself where ${link.path} is, or serve ${link.target} by a rule of the server.`,
      );
      return {
        title: `The server may not follow the link ${link.path}`,
        why: `${encounter.path} leads through a symbolic link, and a rule of the server forbids all links there. The kernel itself would follow it.`,
        evidence: [look.state === 'present' ? fileEvidence(link.path, look.entry, all, says) : absenceEvidence(link.path, says), rule],
        remedies: isSome(encounter.remedies) ? [...encounter.remedies, fallback] : [fallback],
      };
    }),
});

/** sysctl fs.protected_symlinks: links of strangers in a directory like /tmp aren't followed, not even for root. */
function protectedLink(encounter: ObstacleEncounter, all: Obstacles): Draft | null {
  const { errno, path, entry, class: consulted } = encounter.obstacle;
  if (errno !== 'EACCES' || consulted !== null || entry?.type !== 'symlink') return null;
  const owner = userName(all.accounts, entry.uid);
  const directory = parentOf(path);
  const above = all.tree.look(directory);
  const keeper = above.state === 'present' ? userName(all.accounts, above.entry.uid) : 'root';
  return {
    title: `The kernel does not let ${all.identity.user} follow the link ${path}`,
    why: `${directory} is sticky and may be written by everybody. There the kernel (fs.protected_symlinks) follows a link only for its owner, or when it belongs to the directory's owner; this one belongs to ${owner}.`,
    evidence: [fileEvidence(path, entry, all, `A link owned by ${owner} in a directory like /tmp.`)],
    remedies: [
      commands(`Give the link to ${keeper}, who owns ${directory}; its target stays as it is.`, ['chown', '-h', keeper, path]),
      byHand(
        'Keep served content out of shared folders.',
        `Move the link out of ${directory} into a folder that only its owner may write.`,
      ),
    ],
  };
}
