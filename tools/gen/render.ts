import { LAYERS } from '@why403/decision';
import type { CatalogedCause } from './catalog.ts';

const HEAD = '// Written by `npm run gen` from layers/*. Edit nothing here.\n';

const identifier = (house: string): string => house.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

const quoted = (text: string): string => `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;

/** cli/generated/causes.ts: what the doctor chooses from, each cause loaded when it is held against evidence. */
export function renderCauses(catalog: readonly CatalogedCause[]): string {
  const rows = catalog.map(({ id, house, subpath, cause }) => {
    const needs = cause.needs.map((kind) => quoted(kind)).join(', ');
    return `  {
    id: ${quoted(id)},
    layer: ${quoted(cause.layer)},
    title: ${quoted(cause.title)},
    needs: [${needs}],
    load: () => import('@why403/${house}/causes/${subpath}'),
  },
`;
  });
  return `${HEAD}import type { CauseEntry } from '@why403/terms/house';

export const causes: readonly CauseEntry[] = [
${rows.join('')}];
`;
}

/** cli/generated/houses.ts: flags at once, because the command line knows them before it visits anything. */
export function renderHouses(houses: readonly string[]): string {
  const imports = houses.map((house) => `import { flags as ${identifier(house)}Flags } from '@why403/${house}/flags';\n`);
  const rows = houses.map(
    (house) => `  { id: ${quoted(house)}, flags: ${identifier(house)}Flags, load: () => import('@why403/${house}') },\n`,
  );
  return `${HEAD}${imports.join('')}import type { HouseEntry } from '@why403/terms/house';

export const houses: readonly HouseEntry[] = [
${rows.join('')}];
`;
}

/** cli/generated/docs.ts: every doc.md, for reading without the network and without a checkout. */
export function renderDocs(catalog: readonly CatalogedCause[]): string {
  const rows = catalog.map(({ id, doc }) => `  [${quoted(id)}, ${JSON.stringify(doc)}],\n`);
  return `${HEAD}import type { CauseId } from '@why403/decision';

/** The page of each cause, as Markdown. */
export const docs: ReadonlyMap<CauseId, string> = new Map<CauseId, string>([
${rows.join('')}]);
`;
}

/** docs/reference/causes.md, by layer in the report's order. */
export function renderReference(catalog: readonly CatalogedCause[]): string {
  const sections = LAYERS.flatMap((layer) => {
    const here = catalog.filter(({ cause }) => cause.layer === layer);
    if (here.length === 0) return [];
    const rows = here.map(({ id, house, subpath, cause }) => {
      const page = `../../layers/${house}/causes/${subpath}/doc.md`;
      return `| [${id}](${page}) | ${cell(cause.title)} | ${cause.refines.join(', ')} |\n`;
    });
    return [`## ${layer}\n\n| cause | what is wrong | also true, broader |\n| --- | --- | --- |\n${rows.join('')}`];
  });
  return `<!-- Written by \`npm run gen\` from layers/*/causes. Edit nothing here. -->
# Causes

${catalog.length} causes, by layer. Each page has a request that the cause refuses and one that it lets pass.
\`why403 causes ID\` prints a page offline.

${sections.join('\n')}`;
}

const cell = (text: string): string => text.replace(/\|/g, '\\|');
