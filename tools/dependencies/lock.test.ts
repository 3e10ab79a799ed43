import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packages } from '../boundaries/sources.ts';
import { ROOT } from '../gen/catalog.ts';

interface Locked {
  readonly license?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

// Files of npm's own shape.
const read = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
const manifestOf = (folder: string): Manifest => read(`${folder}/package.json`) as Manifest;
const lock = (read('package-lock.json') as { readonly packages: Readonly<Record<string, Locked>> }).packages;
const fetched = Object.entries(lock).filter(([path, { link }]) => path.includes('node_modules/') && link !== true);

const PERMISSIVE = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
  'CC0-1.0',
  'Python-2.0',
]);
/** Weak copyleft, of tools that are never shipped. */
const ONLY_FOR_US = new Set(['MPL-2.0']);

/** Works without its script: the binary comes as a package for the platform. */
const SCRIPT_NOT_NEEDED = new Set(['esbuild', 'fsevents']);

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** Every choice in `MIT OR Apache-2.0` would do. */
function isPermissive(license: string): boolean {
  const choices = license.replace(/[()]/g, '').split(' OR ');
  return choices.some((choice) => choice.split(' AND ').every((one) => PERMISSIVE.has(one) || ONLY_FOR_US.has(one)));
}

describe('package-lock.json', () => {
  it('holds no package whose license asks for more than a notice', () => {
    const others = fetched.filter(([, { license }]) => license === undefined || !isPermissive(license));
    expect(others.map(([path, { license }]) => `${nameOf(path)}: ${license}`)).toEqual([]);
  });

  it('holds no package that needs its install script', () => {
    const scripted = fetched.filter(([path, { hasInstallScript }]) => hasInstallScript === true && !SCRIPT_NOT_NEEDED.has(nameOf(path)));
    expect(scripted.map(([path]) => nameOf(path))).toEqual([]);
  });

  it("holds every platform's binaries, which npm drops when the registry lacks one", () => {
    const held = new Set(fetched.map(([path]) => nameOf(path)));
    const dropped = Object.entries(lock).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !held.has(name))
        .map((name) => `${path === '' ? 'the root' : nameOf(path)} lacks ${name}`),
    );
    expect(dropped).toEqual([]);
  });
});

describe('package.json', () => {
  const folders = ['.', ...packages().map(({ folder }) => folder)];

  it.each(folders)('%s names exact versions', (folder) => {
    const { dependencies, devDependencies, optionalDependencies } = manifestOf(folder);
    const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
    expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it('each dependency has its line in docs/dependencies.md', () => {
    const page = readFileSync(join(ROOT, 'docs', 'dependencies.md'), 'utf8');
    const named = folders.flatMap((folder) => {
      const { dependencies, devDependencies, optionalDependencies } = manifestOf(folder);
      return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).map(
        ([name, version]) => `${name} ${version}`,
      );
    });
    expect([...new Set(named)].filter((one) => !one.startsWith('@why403/') && !page.includes(one))).toEqual([]);
  });
});
