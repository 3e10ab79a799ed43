import { isAscii } from 'node:buffer';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, type OutputFile, type Plugin } from 'esbuild';
import { bootText } from './boot.ts';
import { warmUp } from './warm-up.ts';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const ENTRY = join(DIST, 'why403.js');
const MANIFEST = join(DIST, 'package.json');

/** What bin/why403 looks at too, to tell whether dist/ is older than the sources. */
const SOURCES = ['{decision,terms,layers,doctor,cli}/**/*.ts', 'package-lock.json', 'tools/build.ts'];

/** Loaded by Node itself before it starts us. */
const ALREADY_LOADED: ReadonlySet<string> = new Set([
  'node:buffer',
  'node:events',
  'node:fs',
  'node:path',
  'node:process',
  'node:url',
  'node:util',
]);

/** Node's other modules load at their first use: node:http2, say, takes a good while, and few runs speak HTTP/2. */
const loadBuiltinsWhenUsed: Plugin = {
  name: 'load-builtins-when-used',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^node:/ }, ({ path, namespace }) =>
      namespace === 'builtin' || ALREADY_LOADED.has(path) ? { path, external: true } : { path, namespace: 'builtin' },
    );
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => {
      const members = Object.keys(process.getBuiltinModule(path) ?? {});
      const getters = members.map((name) => `  get ${name}() { return require('${path}').${name}; },\n`);
      return { contents: `module.exports = {\n${getters.join('')}};\n`, loader: 'js' };
    });
  },
};

function isCurrent(): boolean {
  if (!existsSync(ENTRY)) return false;
  const built = statSync(ENTRY).mtimeMs;
  const sources = globSync(SOURCES, { cwd: ROOT, exclude: (name) => name === 'node_modules' });
  return sources.every((file) => file.endsWith('.test.ts') || statSync(join(ROOT, file)).mtimeMs <= built);
}

/**
 * Bundles the command line into one file of dist/. What the sources import dynamically is in it too, and still
 * evaluated only when asked for: one large file with all that was compiled of it kept starts faster than many small
 * ones. It is CommonJS, because importing one of Node's modules from an ES module touches everything it exports.
 */
async function bundle(): Promise<void> {
  const startedAt = new Date();
  const { outputFiles } = await build({
    entryPoints: { main: join(ROOT, 'cli', 'main.ts') },
    outdir: DIST,
    write: false,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22.19',
    // Names stay as they are: a stack trace that somebody reports is to be read.
    minifyWhitespace: true,
    legalComments: 'external',
    plugins: [loadBuiltinsWhenUsed],
    logLevel: 'warning',
  });
  // Each file appears whole, and the entry last: a why403 that is started meanwhile sees the old build or the new one.
  for (const { path, contents } of outputFiles) place(path, contents);
  rmSync(join(DIST, '.compiled'), { recursive: true, force: true });
  place(MANIFEST, '{ "type": "commonjs" }\n');
  // Reading ASCII as latin1 is the fastest; esbuild writes all else as escapes, but for regular expressions.
  place(ENTRY, bootText(hashOf(outputFiles), outputFiles.every(({ contents }) => isAscii(contents)) ? 'latin1' : 'utf8'));
  // A source that changed while we were bundling must count as newer.
  utimesSync(ENTRY, startedAt, startedAt);
  sweep(new Set([...outputFiles.map(({ path }) => path), MANIFEST, ENTRY]));
}

function hashOf(files: readonly OutputFile[]): string {
  const hash = createHash('sha256');
  for (const { contents } of files) hash.update(contents);
  return hash.digest('hex').slice(0, 16);
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
    await warmUp(ENTRY);
  } catch (error) {
    // esbuild has printed what is wrong, with its place.
    if (!(error instanceof Error && 'errors' in error)) throw error;
    process.exitCode = 1;
  }
}
