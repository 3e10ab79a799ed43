import { defineCause, isSome } from '@why403/decision';
import type { Detection, Sighting } from '@why403/decision';
import { entryLine } from '../../../model/entry-line.ts';
import { insideOf, isIdentity } from '../../../model/id-map.ts';
import { refusedBit } from '../../refused-bit.ts';
import { commands, fileEvidence, sightingAt } from '../../sightings.ts';

/** The worker's user namespace doesn't know the file's owner or group: to it they are nobody's. */
export const cause = defineCause({
  id: 'kernel/container-uid-map',
  layer: 'kernel',
  title: 'The file belongs to an account that does not exist inside the container',
  refines: [],
  needs: ['filesystem/obstacles', 'kernel/user-namespace'],
  detect: (evidence): Detection => {
    const obstacles = evidence['filesystem/obstacles'];
    const namespace = evidence['kernel/user-namespace'];
    if (obstacles.state === 'unavailable') return { verdict: 'undetermined', missing: [obstacles.missing] };
    const all = obstacles.value;
    const bits = all.encounters.map(refusedBit).filter((bit) => bit !== null);
    if (namespace.state === 'unavailable') {
      if (bits.length > 0) return { verdict: 'undetermined', missing: [namespace.missing] };
      return isSome(all.missing) ? { verdict: 'undetermined', missing: all.missing } : { verdict: 'excluded' };
    }
    const { uids, gids, pid } = namespace.value;
    if (isIdentity(uids) && isIdentity(gids)) return { verdict: 'excluded' };
    const sightings = bits.flatMap((bit): Sighting[] => {
      const { entry, path, encounter } = bit;
      if (insideOf(uids, entry.uid) !== null || bit.class !== 'other') return [];
      const worker = insideOf(uids, all.identity.uid);
      const range = uids.map((one) => `${one.outside} to ${one.outside + one.length - 1}`).join(', ');
      return [
        sightingAt(encounter, {
          title: `${path} belongs to uid ${entry.uid}, which does not exist in the user namespace of process ${pid}`,
          why: `The server runs in a user namespace (a rootless or remapped container) whose accounts are the host's uids ${range}. To it the owner is "nobody"; not even the container's root has rights over such a file. Its worker is uid ${worker ?? '?'} inside and ${all.identity.uid} on the host.`,
          evidence: [
            fileEvidence(path, entry, all, `On the host: ${entryLine(path, entry, all.accounts)}.`),
            {
              kind: 'file',
              file: `/proc/${pid}/uid_map`,
              text: uids.map((one) => `${one.inside} ${one.outside} ${one.length}`).join('; '),
              says: 'How uids inside map to the host.',
              audience: 'operator',
            },
          ],
          remedies: [
            commands(`Give the file to the account that the worker is on the host.`, ['chown', String(all.identity.uid), path]),
            commands('Or let that one account in by an access ACL entry.', [
              'setfacl',
              '-m',
              `u:${all.identity.uid}:${bit.needs === 'search' ? '--x' : 'r--'}`,
              path,
            ]),
          ],
          weight: 0.96,
        }),
      ];
    });
    if (isSome(sightings)) return { verdict: 'found', sightings };
    return isSome(all.missing) ? { verdict: 'undetermined', missing: all.missing } : { verdict: 'excluded' };
  },
});
