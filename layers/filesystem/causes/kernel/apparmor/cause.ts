import { defineCause } from '@why403/decision';
import { byHand } from '../../sightings.ts';
import { recordEvidence } from '../../spots.ts';
import { detectDenied } from '../denied.ts';

/** The server runs under an AppArmor profile that doesn't list the path. */
export const cause = defineCause({
  id: 'kernel/apparmor',
  layer: 'kernel',
  title: "The server's AppArmor profile does not list the path",
  refines: [],
  needs: ['filesystem/obstacles', 'kernel/denials'],
  detect: (evidence) =>
    detectDenied({
      obstacles: evidence['filesystem/obstacles'],
      denials: evidence['kernel/denials'],
      isOff: (denials) => denials.apparmor === 'disabled',
      records: (denials) => denials.records.filter((one) => one.system === 'apparmor'),
      see: (record, { spot }) => {
        const path = record.path ?? spot.path;
        const local = `/etc/apparmor.d/local/${fileOfProfile(record.profile)}`;
        return {
          title: `The AppArmor profile ${record.profile} refuses ${path}`,
          why: `Mode bits and ACLs admit the server, but its profile names every path it may use, and ${path} is not among them for "${record.asked.join('')}".`,
          evidence: [recordEvidence(record, `AppArmor refused ${record.operation} under the profile ${record.profile}.`)],
          remedies: [
            byHand(
              'List just this path in the local part of the profile, and load it again.',
              `Add the line  ${quoted(path)} r,  to ${local}`,
              `apparmor_parser -r /etc/apparmor.d/${fileOfProfile(record.profile)}`,
            ),
          ],
        };
      },
    }),
});

/** Profiles of a program live in a file named after its path: /usr/sbin/nginx in usr.sbin.nginx. */
function fileOfProfile(profile: string): string {
  return profile.startsWith('/') ? profile.slice(1).replaceAll('/', '.') : profile;
}

/** Blanks need quotes; `*`, `?`, brackets and braces are patterns in a profile. */
function quoted(path: string): string {
  const escaped = path.replace(/[*?[\]{}\\"^]/g, '\\$&');
  return /\s/.test(escaped) ? `"${escaped}"` : escaped;
}
