import { defineCause } from '@why403/decision';
import type { Remedy, Some } from '@why403/decision';
import { userName } from '../../model/accounts.ts';
import type { Encounter, Obstacles } from '../../model/encounter.ts';
import { absenceEvidence, byHand, commands, detectEncounters, fileEvidence } from '../sightings.ts';

type PolicyEncounter = Extract<Encounter, { kind: 'link-policy' }>;

/** Links are followed only when link and target have the same owner, and these have not. */
export const cause = defineCause({
  id: 'filesystem/symlink-owner-mismatch',
  layer: 'filesystem',
  title: 'A symbolic link belongs to somebody else than what it leads to',
  refines: [],
  needs: ['filesystem/obstacles'],
  detect: (evidence) =>
    detectEncounters(evidence['filesystem/obstacles'], (encounter, all) => {
      if (encounter.kind !== 'link-policy' || encounter.policy !== 'same-owner') return null;
      const { link, rule } = encounter;
      const owner = userName(all.accounts, link.owner);
      const other = link.targetOwner === null ? 'somebody unknown' : userName(all.accounts, link.targetOwner);
      const look = all.tree.look(link.path);
      const says = `The link belongs to ${owner}, what it leads to (${link.target}) to ${other}.`;
      return {
        title: `The link ${link.path} belongs to ${owner}, its target to ${other}`,
        why: `A rule of the server follows links only when link and target have the same owner, so that nobody can publish files of others.`,
        evidence: [look.state === 'present' ? fileEvidence(link.path, look.entry, all, says) : absenceEvidence(link.path, says), rule],
        remedies: remediesFor(encounter, all),
      };
    }),
});

function remediesFor(encounter: PolicyEncounter, all: Obstacles): Some<Remedy> {
  const { link } = encounter;
  if (link.targetOwner === null) {
    return [
      byHand('Give link and target the same owner.', `Run chown -h OWNER ${link.path} with the owner of ${link.target}.`),
      ...encounter.remedies,
    ];
  }
  const other = userName(all.accounts, link.targetOwner);
  // -h changes the link itself, never what it leads to.
  const chown = commands(`Give the link, not its target, to ${other}.`, ['chown', '-h', other, link.path]);
  return [chown, ...encounter.remedies];
}
