import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { houseNames, ROOT } from './gen/catalog.ts';
import { scaffold } from './new-cause/scaffold.ts';

/** `npm run new:cause -- HOUSE/NOUN`: the three parts of a cause, to be filled in. */
function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}

const laid = scaffold(process.argv[2] ?? '', houseNames());
if (typeof laid === 'string') refuse(laid);
if (existsSync(join(ROOT, laid.folder))) refuse(`${laid.folder} is there already.`);
for (const [path, text] of laid.files) {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), text);
  process.stdout.write(`wrote ${path}\n`);
}
process.stdout.write(`Fill these in, then \`npm run gen && npm run check\`: the tests say what ${laid.id} still lacks.\n`);
