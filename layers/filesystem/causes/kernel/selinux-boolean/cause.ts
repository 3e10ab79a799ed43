import { defineCause } from '@why403/decision';
import { commands } from '../../sightings.ts';
import { recordEvidence } from '../../spots.ts';
import { governing } from '../booleans.ts';
import { detectDenied } from '../denied.ts';

/** SELinux would let the server through if a switch of its policy were on. */
export const cause = defineCause({
  id: 'kernel/selinux-boolean',
  layer: 'kernel',
  title: 'A switch (boolean) of the SELinux policy that would let the server through is off',
  refines: [],
  needs: ['filesystem/obstacles', 'kernel/denials'],
  detect: (evidence) =>
    detectDenied({
      obstacles: evidence['filesystem/obstacles'],
      denials: evidence['kernel/denials'],
      isOff: (denials) => denials.selinux === 'disabled' || denials.selinux === 'permissive',
      records: (denials) => denials.records.filter((one) => one.system === 'selinux'),
      see: (record, { spot, denials }) => {
        const governed = governing(record, spot.path);
        if (governed === null) return null;
        const now = denials.booleans.get(governed.boolean);
        if (now === true) return null;
        return {
          title: `The SELinux boolean ${governed.boolean} is ${now === false ? 'off' : 'off, or was when this was refused'}`,
          why: `${record.source} may use ${governed.opens} (${record.target}) only while ${governed.boolean} is on. Mode bits and ACLs admit the server.`,
          evidence: [recordEvidence(record, `SELinux refused { ${record.asked.join(' ')} } on the type ${record.target}.`)],
          remedies: [
            commands(`Switch it on for good. This opens ${governed.opens} to every server in that domain, as far as mode bits let it.`, [
              'setsebool',
              '-P',
              governed.boolean,
              '1',
            ]),
            commands('Or label just this content for web servers and leave the switch off.', [
              'chcon',
              '-t',
              'httpd_sys_content_t',
              record.path ?? spot.path,
            ]),
          ],
          ...(now === false ? {} : { weight: 0.9 }),
        };
      },
    }),
});
