import type { House } from '@why403/terms/house';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { houseNames, ROOT } from './catalog.ts';

/** Ids of the houses that can be visited, sorted: those whose index.ts exports a `house`. Others only add causes. */
export async function findHouses(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of houseNames()) {
    const index = join(ROOT, 'layers', name, 'index.ts');
    if (!existsSync(index)) continue;
    // Only its presence, id and flags are looked at, and these are compared below.
    const { house } = (await import(pathToFileURL(index).href)) as { house?: House };
    if (house === undefined) continue;
    await check(name, house);
    found.push(name);
  }
  return found;
}

/** flags.ts is what the command line reads at start; the house itself is loaded only when it is visited. */
async function check(name: string, house: House): Promise<void> {
  if (house.id !== name) throw new Error(`layers/${name}/index.ts exports a house that calls itself ${house.id}.`);
  const file = join(ROOT, 'layers', name, 'flags.ts');
  if (!existsSync(file))
    throw new Error(`layers/${name}/flags.ts is missing: export its \`flags\` there, so that they load without the house.`);
  const { flags } = (await import(pathToFileURL(file).href)) as { flags?: House['flags'] };
  if (flags === undefined) throw new Error(`layers/${name}/flags.ts exports no \`flags\`.`);
  if (flags !== house.flags) throw new Error(`layers/${name}: \`house.flags\` must be the list that flags.ts exports.`);
}
