import { existsSync, globSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const ENTRY = join(DIST, 'why403.js');

/** What bin/why403 looks at too, to tell whether dist/ is older than the sources. */
const SOURCES = ['{decision,terms,layers,doctor,cli}/**/*.ts', 'package-lock.json', 'tools/build.ts'];

/**
 * The first thing that runs. Compiled code is kept beside dist/ and not in the shared temporary folder,
 * where another account of the machine could plant some.
 */
const BOOT = `import { enableCompileCache } from 'node:module';
enableCompileCache(import.meta.dirname + '/.compiled');
await import('./main.js');
`;

function isCurrent(): boolean {
  if (!existsSync(ENTRY)) return false;
  const built = statSync(ENTRY).mtimeMs;
  const sources = globSync(SOURCES, { cwd: ROOT, exclude: (name) => name === 'node_modules' });
  return sources.every((file) => file.endsWith('.test.ts') || statSync(join(ROOT, file)).mtimeMs <= built);
}

/** Bundles the command line into dist/, one chunk for each thing that is loaded only when used. */
async function bundle(): Promise<void> {
  const startedAt = new Date();
  const { outputFiles } = await build({
    entryPoints: { main: join(ROOT, 'cli', 'main.ts') },
    outdir: DIST,
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.19',
    chunkNames: 'chunks/[name]-[hash]',
    legalComments: 'external',
    logLevel: 'warning',
  });
  // Each file appears whole, and the entry last: a why403 that is started meanwhile sees the old build or the new one.
  for (const { path, contents } of outputFiles) place(path, contents);
  rmSync(join(DIST, '.compiled'), { recursive: true, force: true });
  place(ENTRY, BOOT);
  // A source that changed while we were bundling must count as newer.
  utimesSync(ENTRY, startedAt, startedAt);
  sweep(new Set([...outputFiles.map(({ path }) => path), ENTRY]));
}

function place(path: string, contents: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
}

/** Removes what earlier builds left. */
function sweep(kept: ReadonlySet<string>): void {
  for (const entry of readdirSync(DIST, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !kept.has(path) && !path.includes('.compiled')) rmSync(path, { force: true });
  }
}

if (!process.argv.includes('--if-changed') || !isCurrent()) {
  try {
    await bundle();
  } catch (error) {
    // esbuild has printed what is wrong, with its place.
    if (!(error instanceof Error && 'errors' in error)) throw error;
    process.exitCode = 1;
  }
}
