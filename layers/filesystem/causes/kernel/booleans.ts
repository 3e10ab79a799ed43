import type { SelinuxDenial } from '../../model/denials/denial.ts';
import { isWithin } from '../../model/path.ts';

/** Booleans of the targeted policy that let web servers (httpd_t) reach a kind of file, httpd_selinux(8). */
const BY_TYPE: readonly (readonly [target: RegExp, boolean: string, opens: string])[] = [
  [/^(?:user_home_dir_t|home_root_t)$/, 'httpd_enable_homedirs', 'home directories'],
  [/^user_home_t$/, 'httpd_read_user_content', 'the content of home directories'],
  [/^nfs_t$/, 'httpd_use_nfs', 'NFS mounts'],
  [/^cifs_t$/, 'httpd_use_cifs', 'CIFS mounts'],
  [/^fusefs_t$/, 'httpd_use_fusefs', 'FUSE mounts'],
];

export interface Governed {
  readonly boolean: string;
  readonly opens: string;
}

/**
 * The boolean that governs what a record refused, or null when a label decides. A file that carries a home's
 * label outside any home was moved there: then the label is wrong, not the boolean.
 */
export function governing(record: SelinuxDenial, path: string): Governed | null {
  if (record.source !== 'httpd_t') return null;
  const row = BY_TYPE.find(([target]) => target.test(record.target));
  if (row === undefined) return null;
  const isHomes = record.target.startsWith('user_home') || record.target === 'home_root_t';
  const whole = record.path ?? path;
  if (isHomes && !isWithin(whole, '/home') && !isWithin(whole, '/root')) return null;
  return { boolean: row[1], opens: row[2] };
}
