import { defineCause, isSome } from '@why403/decision';
import type { Evidence } from '@why403/decision';
import { nearMisses } from '../../model/near-miss.ts';
import type { NearMiss } from '../../model/near-miss.ts';
import { nameOf } from '../../model/path.ts';
import type { Obstacles } from '../../model/encounter.ts';
import { absenceEvidence, byHand, detectEncounters, fileEvidence } from '../sightings.ts';

/** The path doesn't exist, but something close to it does: another letter case, encoding, extension or spelling. */
export const cause = defineCause({
  id: 'filesystem/name-mismatch',
  layer: 'filesystem',
  title: 'The path does not exist, but one that is nearly the same does',
  refines: [],
  needs: ['filesystem/obstacles'],
  detect: (evidence) =>
    detectEncounters(evidence['filesystem/obstacles'], (encounter, all) => {
      if (encounter.kind !== 'obstacle' || (encounter.obstacle.errno !== 'ENOENT' && encounter.obstacle.errno !== 'ENOTDIR')) return null;
      const near = nearMisses(all.tree, encounter.path) ?? [];
      if (!isSome(near)) return null;
      const [best] = near;
      const missing = encounter.obstacle.path;
      return {
        title: `There is no ${missing}, but there is ${best.path}`,
        why: `${best.says}. The server takes the name as it stands in the URL after decoding it once.`,
        evidence: [absenceEvidence(missing, 'It does not exist under this very name.'), ...near.map((one) => nearEvidence(one, all))],
        remedies: [
          byHand(
            'Ask for the name that exists, or give the file the name that is asked for.',
            `In the URL, write ${nameOf(best.path)} in place of ${nameOf(missing)}; or rename the file.`,
          ),
        ],
        weight: best.kind === 'similar-name' || best.kind === 'extension' ? 0.55 : 0.9,
      };
    }),
});

function nearEvidence(near: NearMiss, all: Obstacles): Evidence {
  const look = all.tree.look(near.path);
  const says = `${near.says}.`;
  if (look.state === 'present') return fileEvidence(near.path, look.entry, all, says);
  return { kind: 'file', file: near.path, says, audience: 'operator' };
}
