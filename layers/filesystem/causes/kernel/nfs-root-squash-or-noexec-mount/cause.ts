import { defineCause, isSome } from '@why403/decision';
import type { Detection, Remedy, Some } from '@why403/decision';
import type { Obstacles } from '../../../model/encounter.ts';
import { isFuse, isNetwork, mountLine, mountOf, optionOf } from '../../../model/mounts.ts';
import type { Mount } from '../../../model/mounts.ts';
import { byHand, sightingAt } from '../../sightings.ts';
import { unexplained } from '../../spots.ts';
import type { Spot } from '../../spots.ts';

/** The mount decides against what the mode bits say: a server elsewhere, a FUSE daemon, or a mount option. */
export const cause = defineCause({
  id: 'kernel/nfs-root-squash-or-noexec-mount',
  layer: 'kernel',
  title: 'The mount refuses what the mode bits admit (NFS export, FUSE owner, noexec)',
  refines: [],
  needs: ['filesystem/obstacles', 'kernel/mounts'],
  detect: (evidence): Detection => {
    const obstacles = evidence['filesystem/obstacles'];
    const mounts = evidence['kernel/mounts'];
    if (obstacles.state === 'unavailable') return { verdict: 'undetermined', missing: [obstacles.missing] };
    const all = obstacles.value;
    const spots = unexplained(all);
    if (spots.length === 0) return isSome(all.missing) ? { verdict: 'undetermined', missing: all.missing } : { verdict: 'excluded' };
    if (mounts.state === 'unavailable') return { verdict: 'undetermined', missing: [mounts.missing] };
    const sightings = spots.flatMap((spot) => {
      const mount = mountOf(mounts.value, spot.path);
      const draft = mount === null ? null : draftFor(spot, mount, all);
      return draft === null ? [] : [sightingAt(spot, draft)];
    });
    return isSome(sightings) ? { verdict: 'found', sightings } : { verdict: 'excluded' };
  },
});

type Draft = Parameters<typeof sightingAt>[1];

function draftFor(spot: Spot, mount: Mount, all: Obstacles): Draft | null {
  if (spot.encounter?.use === 'execute' && mount.options.includes('noexec')) return noexec(spot, mount);
  if (isFuse(mount) && !mount.options.includes('allow_other')) return fuse(spot, mount, all);
  return isNetwork(mount) ? network(spot, mount, all) : null;
}

function noexec(spot: Spot, mount: Mount): Draft {
  return {
    title: `${mount.point} is mounted noexec, so ${spot.path} can not be run`,
    why: 'The kernel runs no program from a mount with the option noexec, whatever the mode bits are.',
    evidence: [mountEvidence(mount, 'The option noexec is set.')],
    remedies: [
      byHand(
        'Keep programs on a mount that may run them.',
        `Move ${spot.path} to a file system without noexec, or hand it to its interpreter by name (the interpreter lives elsewhere).`,
      ),
    ],
    weight: 0.97,
  };
}

/** fuse(4): without allow_other, everybody but the user who mounted it is refused, root too. */
function fuse(spot: Spot, mount: Mount, all: Obstacles): Draft | null {
  const owner = optionOf(mount, 'user_id');
  if (owner === String(all.identity.uid)) return null;
  return {
    title: `${mount.point} is a FUSE mount that only uid ${owner ?? 'of its owner'} may use`,
    why: `It was mounted without allow_other, so the kernel refuses ${all.identity.user} before any mode bit of ${spot.path} is looked at; not even root gets in.`,
    evidence: [mountEvidence(mount, `Mounted by uid ${owner ?? '?'} without allow_other.`)],
    remedies: [
      byHand(
        `Mount it as ${all.identity.user}, or let others use it within its mode bits.`,
        `Mount it again as ${all.identity.user}; or with -o allow_other,default_permissions (needs user_allow_other in /etc/fuse.conf).`,
      ),
    ],
    weight: owner === null ? 0.85 : 0.97,
  };
}

function network(spot: Spot, mount: Mount, all: Obstacles): Draft {
  const squashed = all.identity.uid === 0;
  return {
    title: `${spot.path} lies on ${mount.source} (${mount.fsType}), and that server refuses ${all.identity.user}`,
    why: squashed
      ? 'The worker runs as root, and file servers commonly take root for nobody (root_squash): what only root may read is refused there.'
      : 'The mode bits that are shown here admit the worker, but the other machine decides: it may map the uid to another account, know other groups (more than 16 are cut off), or want a Kerberos ticket.',
    evidence: [mountEvidence(mount, 'Permissions are decided by the machine that serves it.')],
    remedies: remediesFor(mount, all, squashed),
    weight: squashed ? 0.85 : 0.65,
  };
}

function remediesFor(mount: Mount, all: Obstacles, squashed: boolean): Some<Remedy> {
  const look = byHand(
    'See what the other machine makes of this account.',
    `On the file server, look at the export of ${mount.source} and at the mode of the file there for uid ${all.identity.uid}; then grant that account read (or group or others, whichever is the fewest).`,
  );
  if (!squashed) return [look];
  return [
    byHand(
      'Do not run the worker as root.',
      'Give the worker an account of its own that the export knows, and grant that account read on the files.',
    ),
    look,
  ];
}

function mountEvidence(mount: Mount, says: string): Draft['evidence'][0] {
  return { kind: 'file', file: '/proc/self/mountinfo', text: mountLine(mount), says, audience: 'operator' };
}
