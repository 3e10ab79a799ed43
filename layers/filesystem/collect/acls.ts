import { isExtended, parseAcl } from '../index.ts';
import type { AclEntry } from '../index.ts';
import { inBatches, run } from './run.ts';

/** What was found of the access ACLs of some real paths. */
export interface Acls {
  /** Only files whose ACL says more than their mode bits. */
  readonly found: ReadonlyMap<string, readonly AclEntry[] | 'unread'>;
  /** What could not be seen, as a sentence for the operator. */
  readonly blind: readonly string[];
}

const BATCH = 400;

/** Reads the ACLs of files that are no links, by their paths on this machine. */
export async function readAcls(paths: readonly string[]): Promise<Acls> {
  const found = new Map<string, readonly AclEntry[] | 'unread'>();
  for (const batch of inBatches(paths, BATCH)) {
    // -s leaves out files with nothing beyond their mode bits; -p keeps the leading slash; -n gives numbers.
    const ended = await run('getfacl', ['-n', '-p', '-s', '--', ...batch]);
    if (ended.isMissing) return marksOnly(paths);
    for (const [path, acl] of blocksOf(ended.stdout)) found.set(path, acl);
  }
  return { found, blind: [] };
}

/** Splits getfacl's output at its `# file:` lines. */
export function blocksOf(output: string): readonly (readonly [path: string, acl: readonly AclEntry[] | 'unread'])[] {
  const found: (readonly [path: string, acl: readonly AclEntry[] | 'unread'])[] = [];
  for (const block of output.split(/\n\n+/)) {
    const name = /^# file: (.*)$/m.exec(block)?.[1];
    const acl = parseAcl(block);
    if (name === undefined || (acl !== null && !isExtended(acl))) continue;
    found.push([unescaped(name), acl ?? 'unread']);
  }
  return found;
}

/** getfacl writes bytes outside printable ASCII, and the backslash, as three octal digits. */
function unescaped(name: string): string {
  const bytes: number[] = [];
  for (let at = 0; at < name.length; at += 1) {
    const octal = /^\\([0-7]{3})/.exec(name.slice(at, at + 4))?.[1];
    if (octal === undefined) bytes.push(...Buffer.from(name.charAt(at), 'utf8'));
    else {
      bytes.push(Number.parseInt(octal, 8));
      at += 3;
    }
  }
  return Buffer.from(bytes).toString('utf8');
}

/** Without getfacl, `ls` still shows by a plus that there is an ACL, though not which. */
async function marksOnly(paths: readonly string[]): Promise<Acls> {
  const found = new Map<string, 'unread'>();
  const version = await run('ls', ['--version']);
  if (!version.stdout.includes('coreutils')) {
    return { found, blind: ['access ACLs were not looked for: neither getfacl nor an ls that shows them is here (package acl)'] };
  }
  for (const batch of inBatches(paths, BATCH)) {
    for (const path of batch) {
      const ended = await run('ls', ['-ld', '--', path]);
      if (/^\S{10}\+/.test(ended.stdout)) found.set(path, 'unread');
    }
  }
  const which = [...found.keys()];
  const blind = which.length === 0 ? [] : [`${which.join(', ')}: has an access ACL that can't be read without getfacl (package acl)`];
  return { found, blind };
}
