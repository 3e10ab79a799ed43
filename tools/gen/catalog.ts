import type { Cause } from '@why403/decision';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

export const ROOT = join(import.meta.dirname, '..', '..');

/** Where a cause lives, known from its folder alone. */
export interface CausePlace {
  readonly house: string;
  readonly id: string;
  /** The folder below the house's `causes/`, which is also the package subpath: `deny-rule`, `kernel/apparmor`. */
  readonly subpath: string;
  readonly folder: string;
}

export interface CatalogedCause extends CausePlace {
  readonly cause: Cause;
  /** The text of doc.md, empty when there is none. */
  readonly doc: string;
}

function foldersIn(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  const folders = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== 'node_modules');
  return folders.map((entry) => entry.name).sort();
}

export function houseNames(root: string = ROOT): readonly string[] {
  return foldersIn(join(root, 'layers'));
}

/**
 * Every cause folder, sorted by id. `layers/H/causes/N` is `H/N`; a folder without cause.ts of its own is the
 * prefix of those below it, so `layers/filesystem/causes/kernel/apparmor` is `kernel/apparmor`.
 */
export function findCauses(root: string = ROOT): readonly CausePlace[] {
  const found: CausePlace[] = [];
  for (const house of houseNames(root)) {
    const causes = join(root, 'layers', house, 'causes');
    for (const name of foldersIn(causes)) {
      if (existsSync(join(causes, name, 'cause.ts'))) {
        found.push({ house, id: `${house}/${name}`, subpath: name, folder: join(causes, name) });
        continue;
      }
      for (const noun of foldersIn(join(causes, name))) {
        if (!existsSync(join(causes, name, noun, 'cause.ts'))) continue;
        found.push({ house, id: `${name}/${noun}`, subpath: `${name}/${noun}`, folder: join(causes, name, noun) });
      }
    }
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Loads every cause and holds its id against its folder and against the others. */
export async function loadCatalog(): Promise<readonly CatalogedCause[]> {
  const places = findCauses();
  const catalog = await Promise.all(places.map(load));
  const houseOf = new Map<string, string>();
  for (const { id, house } of catalog) {
    const other = houseOf.get(id);
    if (other !== undefined) throw new Error(`${id} lives in two houses, ${other} and ${house}: an id names one cause.`);
    houseOf.set(id, house);
  }
  return catalog;
}

async function load(place: CausePlace): Promise<CatalogedCause> {
  const file = join(place.folder, 'cause.ts');
  // Checked right below: a module without a cause, or with another's id, never gets into the catalog.
  const module = (await import(pathToFileURL(file).href)) as { cause?: Cause };
  const shown = relative(ROOT, file);
  if (module.cause === undefined) throw new Error(`${shown} exports no \`cause\`.`);
  if (module.cause.id !== place.id) throw new Error(`${shown} holds ${module.cause.id}, but its folder says ${place.id}.`);
  const doc = join(place.folder, 'doc.md');
  return { ...place, cause: module.cause, doc: existsSync(doc) ? readFileSync(doc, 'utf8') : '' };
}
