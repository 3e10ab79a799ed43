import { defineCause, isSome } from '@why403/decision';
import type { Detection } from '@why403/decision';
import { sightingAt } from '../../sightings.ts';
import { bestFit, unexplained } from '../../spots.ts';

/** SELinux enforces and something was refused without a trace: its policy can refuse without writing it down. */
export const cause = defineCause({
  id: 'kernel/selinux-dontaudit',
  layer: 'kernel',
  title: 'SELinux may have refused without writing it down (dontaudit)',
  refines: [],
  needs: ['filesystem/obstacles', 'kernel/denials'],
  detect: (evidence): Detection => {
    const obstacles = evidence['filesystem/obstacles'];
    const denials = evidence['kernel/denials'];
    if (obstacles.state === 'unavailable') return { verdict: 'undetermined', missing: [obstacles.missing] };
    const all = obstacles.value;
    const open = unexplained(all).filter((spot) => spot.encounter?.kind === 'unexplained' && spot.encounter.errno === 'EACCES');
    if (open.length === 0) return isSome(all.missing) ? { verdict: 'undetermined', missing: all.missing } : { verdict: 'excluded' };
    if (denials.state === 'unavailable') return { verdict: 'undetermined', missing: [denials.missing] };
    const { selinux, records, searched, unsearched } = denials.value;
    if (selinux === 'disabled' || selinux === 'permissive') return { verdict: 'excluded' };
    if (selinux === null) return { verdict: 'undetermined', missing: ['whether SELinux enforces (getenforce)'] };
    const silent = open.filter((spot) => bestFit(records, spot, all) === null);
    if (silent.length === 0) return { verdict: 'excluded' };
    // Only a log that was read through can be silent.
    if (isSome(unsearched)) return { verdict: 'undetermined', missing: unsearched };
    const [log] = searched;
    if (log === undefined) return { verdict: 'undetermined', missing: ['the audit log of the time of the request'] };
    const sightings = silent.map((spot) =>
      sightingAt(spot, {
        title: `${spot.path} was refused, and neither mode bits nor any record say why`,
        why: 'SELinux enforces here. Rules marked dontaudit refuse without a record, so a silent refusal is what they look like.',
        evidence: [
          { kind: 'absence', file: log, says: 'No record about this process and path at the time of the request.', audience: 'operator' },
        ],
        remedies: [
          {
            who: 'operator',
            say: 'Let SELinux write everything down, ask again, and read what it says; then put the silence back.',
            apply: 'by-hand',
            steps: [
              { kind: 'command', argv: ['semodule', '-DB'] },
              { kind: 'manual', text: 'Send the request again and read the new records: ausearch -m avc -ts recent' },
              { kind: 'command', argv: ['semodule', '-B'] },
            ],
          },
        ],
        weight: 0.5,
      }),
    );
    return isSome(sightings) ? { verdict: 'found', sightings } : { verdict: 'excluded' };
  },
});
