import { defineCause } from '@why403/decision';
import type { Remedy, Some } from '@why403/decision';
import type { SelinuxDenial } from '../../../model/denials/denial.ts';
import { isWithin } from '../../../model/path.ts';
import { byHand, commands } from '../../sightings.ts';
import { recordEvidence } from '../../spots.ts';
import { governing } from '../booleans.ts';
import { detectDenied } from '../denied.ts';

/** SELinux enforces, and no rule lets the server's domain do this to files with that label. */
export const cause = defineCause({
  id: 'kernel/selinux-type',
  layer: 'kernel',
  title: "SELinux does not let the server's domain use files with this label",
  refines: [],
  needs: ['filesystem/obstacles', 'kernel/denials'],
  detect: (evidence) =>
    detectDenied({
      obstacles: evidence['filesystem/obstacles'],
      denials: evidence['kernel/denials'],
      isOff: (denials) => denials.selinux === 'disabled' || denials.selinux === 'permissive',
      records: (denials) => denials.records.filter((one) => one.system === 'selinux'),
      see: (record, { spot }) => {
        if (governing(record, spot.path) !== null) return null;
        const path = record.path ?? spot.path;
        return {
          title: `SELinux refuses ${record.source} to ${record.asked.join(', ')} ${path}, labeled ${record.target}`,
          why: `Mode bits and ACLs admit the server, and then SELinux is asked: its policy has no rule for the type ${record.source} (the server) on ${record.target} (${record.class}). Labels stay with a file when it is moved by mv.`,
          evidence: [recordEvidence(record, `SELinux refused { ${record.asked.join(' ')} } to process type ${record.source}.`)],
          remedies: remediesFor(record, path),
        };
      },
    }),
});

function remediesFor(record: SelinuxDenial, path: string): Some<Remedy> {
  // Where the policy's own table already holds a label for web content, setting it anew is all it takes.
  if (isWithin(path, '/var/www') || isWithin(path, '/srv/www') || isWithin(path, '/usr/share/nginx/html')) {
    return [commands(`Give ${path} the label that the policy holds for this place.`, ['restorecon', '-v', path])];
  }
  return [
    commands(
      `Label ${path} as read-only web content, and nothing else.`,
      ['semanage', 'fcontext', '-a', '-t', 'httpd_sys_content_t', escaped(path)],
      ['restorecon', '-v', path],
    ),
    byHand(
      'Look at what the policy would need before changing it.',
      `Feed the record to audit2why: it says whether a label or a boolean is at fault. Do not switch SELinux off (setenforce 0): the type of the object is ${record.target}.`,
    ),
  ];
}

/** semanage takes a regular expression. */
function escaped(path: string): string {
  return path.replace(/[.+*?()[\]{}^$|\\]/g, '\\$&');
}
