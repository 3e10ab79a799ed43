import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { reportJsonSchema } from '@why403/doctor/report-schema';
import { loadCatalog, ROOT } from './gen/catalog.ts';
import { findHouses } from './gen/houses.ts';
import { renderCauses, renderDocs, renderHouses, renderReference } from './gen/render.ts';

/**
 * `npm run gen` writes what is generated from the houses; with `--check` it writes nothing and fails when a
 * file is not what it would write.
 */
const checkOnly = process.argv.includes('--check');
const catalog = await loadCatalog();
const files: readonly (readonly [path: string, text: string])[] = [
  ['cli/generated/causes.ts', renderCauses(catalog)],
  ['cli/generated/houses.ts', renderHouses(await findHouses())],
  ['cli/generated/docs.ts', renderDocs(catalog)],
  ['docs/reference/causes.md', renderReference(catalog)],
  ['docs/reference/report.schema.json', `${JSON.stringify(reportJsonSchema(), null, 2)}\n`],
];

for (const [path, text] of files) {
  const file = join(ROOT, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (checkOnly) {
    process.stderr.write(`${path} is out of date: run \`npm run gen\` and commit it.\n`);
    process.exitCode = 1;
    continue;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  process.stdout.write(`wrote ${path}\n`);
}
