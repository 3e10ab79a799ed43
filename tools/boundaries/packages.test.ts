import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, type Package, packages, sources } from './sources.ts';

const all = packages();
const byName = new Map(all.map((one) => [one.name, one]));

function packageOf(specifier: string): Package | undefined {
  const [scope = '', name = ''] = specifier.split('/');
  return byName.get(scope.startsWith('@') ? `${scope}/${name}` : scope);
}

/** Whether package.json's exports have a door for this path, such as `./causes/*` for `./causes/deny-rule`. */
function hasDoor(target: Package, subpath: string): boolean {
  return Object.keys(target.exports).some((door) => {
    const [before = '', after] = door.split('*');
    return after === undefined ? door === subpath : subpath.startsWith(before) && subpath.endsWith(after);
  });
}

const cases = all.map((one) => [one.folder, one] as const);

describe('imports between packages', () => {
  it.each(cases)('%s leaves its folder by package name only', (folder) => {
    const outside = sources(folder).flatMap((file) =>
      importsOf(file)
        .filter((specifier) => specifier.startsWith('.') && !normalize(join(dirname(file), specifier)).startsWith(`${folder}/`))
        .map((specifier) => `${file}: ${specifier}`),
    );
    expect(outside).toEqual([]);
  });

  it.each(cases)('%s enters others by their doors, and names them in its package.json', (folder, self) => {
    const wrong = sources(folder).flatMap((file) =>
      importsOf(file).flatMap((specifier) => {
        const target = packageOf(specifier);
        if (target === undefined) return [];
        const door = `.${specifier.slice(target.name.length)}`;
        if (!hasDoor(target, door)) return [`${file}: ${target.folder}/package.json exports no "${door}"`];
        if (target !== self && !self.dependencies.includes(target.name))
          return [`${file}: ${folder}/package.json doesn't name ${target.name}`];
        return [];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('go round in no circle', () => {
    const circles: string[] = [];
    const walk = (one: Package, path: readonly string[]): void => {
      if (path.includes(one.name)) {
        circles.push([...path.slice(path.indexOf(one.name)), one.name].join(' → '));
        return;
      }
      for (const name of one.dependencies) {
        const next = byName.get(name);
        if (next !== undefined) walk(next, [...path, one.name]);
      }
    };
    for (const one of all) walk(one, []);
    expect(circles).toEqual([]);
  });
});
