import type { AclEntry } from './tree.ts';

/** Turns the name in an entry into a number, or null when it has none. */
export type NumberOf = (kind: 'user' | 'group', name: string) => number | null;

const numeric: NumberOf = (_kind, name) => (/^\d+$/.test(name) ? Number(name) : null);

/**
 * Reads the entries of one file as getfacl(1) prints and setfacl(1) takes them (`user:33:r-x`, `m::r`), separated by lines or
 * commas. Comments, the `#effective` remark and default entries are passed over; null when a line is no entry.
 */
export function parseAcl(text: string, numberOf: NumberOf = numeric): readonly AclEntry[] | null {
  const entries: AclEntry[] = [];
  for (const line of text.split(/[\n,]/)) {
    const written = line.replace(/#.*/, '').trim();
    if (written === '' || /^d(efault)?:/.test(written)) continue;
    const entry = entryOf(written, numberOf);
    if (entry === null) return null;
    entries.push(entry);
  }
  return entries;
}

function entryOf(written: string, numberOf: NumberOf): AclEntry | null {
  const match = /^(u|user|g|group|m|mask|o|other):(?:([^:]*):)?([rwx-]{0,3})$/.exec(written);
  if (match === null) return null;
  const [, tag = '', name = '', bits = ''] = match;
  const permissions = (bits.includes('r') ? 4 : 0) + (bits.includes('w') ? 2 : 0) + (bits.includes('x') ? 1 : 0);
  if (tag.startsWith('m')) return { tag: 'mask', permissions };
  if (tag.startsWith('o')) return { tag: 'other', permissions };
  const kind = tag.startsWith('u') ? 'user' : 'group';
  if (name === '') return { tag: `${kind}-owner`, permissions };
  const id = numberOf(kind, name);
  return id === null ? null : { tag: kind, id, permissions };
}

/** Whether the list says more than the mode bits do. */
export function isExtended(acl: readonly AclEntry[]): boolean {
  return acl.some((one) => one.tag === 'user' || one.tag === 'group' || one.tag === 'mask');
}
