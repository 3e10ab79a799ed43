import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { EVIDENCE_FLAGS } from '@why403/doctor';
import { Fault } from '@why403/terms/fault';

/**
 * Evidence that was named must be there: a run that silently does without it would answer another
 * question. What a house's own flags name, the house looks up itself, in the view that it belongs to.
 * The answer has absolute paths.
 */
export function checkEvidence(flags: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly string[]> {
  const checked = [...flags].map(([name, values]): [string, readonly string[]] => {
    if (values.includes(''))
      throw new Fault('usage/value-missing', `${name} needs a value, and what was given is empty.`, { where: { in: name } });
    const kind = EVIDENCE_FLAGS.find((flag) => flag.name === name)?.value;
    if (kind !== 'DIR' && kind !== 'FILE') return [name, values];
    for (const path of values) checkPath(name, path, kind);
    return [name, values.map((path) => resolve(path))];
  });
  return new Map(checked);
}

/** A file or folder in the place of the URL: where it belongs is said, because nothing listens at such a host. */
export function checkIsNoFile(url: string): void {
  if (!/^(?:[./~]|[^:/?#]*$)/.test(url) || kindOf(url) === null) return;
  throw new Fault('file/unrecognized', `${url} is a file or folder here, and what is asked for is a URL`, {
    hint: 'Give the URL that is refused; a configuration is named with --nginx FILE, a copied file tree with --root DIR.',
  });
}

function checkPath(flag: string, path: string, kind: 'DIR' | 'FILE'): void {
  const what = kind === 'DIR' ? 'folder' : 'file';
  const found = kindOf(path);
  const where = { in: flag };
  if (found === null)
    throw new Fault('file/missing', `${path} does not exist, or this account may not see it`, {
      where,
      hint: `Name a ${what} that is there; a path is relative to the folder that why403 is started in.`,
    });
  if (found !== kind)
    throw new Fault('file/unreadable', `${path} is ${WORDS[found]}, and a ${what} is needed`, {
      where,
      ...(found === 'OTHER' ? { hint: 'Save what comes out of it to a file, and name that.' } : {}),
    });
  try {
    accessSync(path, kind === 'DIR' ? constants.R_OK | constants.X_OK : constants.R_OK);
  } catch {
    throw new Fault('file/unreadable', `this account may not read ${path}`, { where, hint: 'Run why403 as root, or as someone who may.' });
  }
}

const WORDS = { DIR: 'a folder', FILE: 'a file', OTHER: 'a device or pipe' } as const;

/** Null: nothing is there that this account may see. */
function kindOf(path: string): keyof typeof WORDS | null {
  try {
    const stats = statSync(path);
    return stats.isDirectory() ? 'DIR' : stats.isFile() ? 'FILE' : 'OTHER';
  } catch {
    return null;
  }
}
