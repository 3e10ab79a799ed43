import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../gen/catalog.ts';

/** A workspace: its folder below the root, and what its package.json says of it. */
export interface Package {
  readonly folder: string;
  readonly name: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly workspaces?: readonly string[];
}

// package.json files of this repository, whose shape npm has checked.
const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Manifest;

export function packages(): readonly Package[] {
  const folders = globSync(
    (manifestOf('.').workspaces ?? []).map((pattern) => `${pattern}/package.json`),
    { cwd: ROOT },
  );
  return folders.sort().map((file) => {
    const folder = file.replace(/\/package\.json$/, '');
    const { name, exports = {}, dependencies = {} } = manifestOf(folder);
    return { folder, name, exports, dependencies: Object.keys(dependencies) };
  });
}

/** Every TypeScript file of the workspaces, as paths below the root. */
export function sources(folder: string): readonly string[] {
  const files = globSync('**/*.ts', { cwd: join(ROOT, folder), exclude: (name) => name === 'node_modules' });
  return files.map((file) => `${folder}/${file}`).sort();
}

const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"\n]+)\1/g;

/** What a file imports, statically or not. Reads text, so a specifier quoted in a comment or string counts too. */
export function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(SPECIFIER)].map((match) => match[2] ?? '');
}
