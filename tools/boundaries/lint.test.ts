import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, matchesGlob } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT } from '../gen/catalog.ts';

interface Override {
  readonly files: readonly string[];
  readonly excludeFiles?: readonly string[];
  readonly rules: Readonly<Record<string, readonly [string, { readonly patterns: readonly { readonly message: string }[] }]>>;
}

// The committed file; the tests below fail when it isn't of this shape.
const config = JSON.parse(readFileSync(join(ROOT, '.oxlintrc.json'), 'utf8')) as { readonly overrides: readonly Override[] };
const zones = config.overrides.flatMap(({ files, excludeFiles = [], rules }) => {
  const patterns = rules['no-restricted-imports']?.[1].patterns;
  return patterns === undefined ? [] : [{ files, excludeFiles, patterns }];
});

/** One import that must not be, for every message of the configuration. */
const PLANTED: readonly (readonly [file: string, specifier: string, says: string])[] = [
  ['decision/a.ts', 'node:fs', 'decision/ imports nothing'],
  ['decision/a.ts', '@why403/terms/place', 'decision/ imports nothing'],
  ['terms/place/a.ts', '@why403/nginx', 'terms/ holds pure nouns'],
  ['terms/place/a.ts', 'why403', 'terms/ holds pure nouns'],
  ['layers/nginx/collect/a.ts', '@why403/doctor', 'stand on layers and ledger'],
  ['layers/nginx/collect/a.ts', '@why403/gateway/path', 'stand on layers and ledger'],
  ['layers/nginx/collect/a.ts', '@why403/ledger', "doesn't know the ledger"],
  ['layers/nginx/lab/a.ts', 'why403', 'A face may import this'],
  ['layers/nginx/copy/a.ts', '@why403/console', 'A face may import this'],
  ['layers/nginx/copy/a.ts', '@why403/tools', 'serve the repository'],
  ['layers/nginx/model/a.ts', 'node:fs', 'model/ and causes/ are pure: I/O'],
  ['layers/nginx/model/walk/a.ts', 'crypto', 'model/ and causes/ are pure: I/O'],
  ['layers/nginx/causes/x/cause.ts', 'node:os', 'model/ and causes/ are pure: I/O'],
  ['layers/nginx/causes/x/cause.ts', '../../collect/x.ts', 'never import collect/'],
  ['layers/nginx/model/a.ts', '../copy/x.ts', 'never import collect/'],
  ['layers/nginx/model/a.ts', '@why403/doctor', 'stand on layers and ledger'],
  ['layers/nginx/model/a.ts', '@why403/ledger', "doesn't know the ledger"],
  ['layers/nginx/model/a.ts', '@why403/cli', 'A face may import this'],
  ['layers/nginx/model/a.ts', '@why403/bench', 'serve the repository'],
  ['doctor/judge/a.ts', '@why403/gateway', "don't know each other"],
  ['doctor/judge/a.ts', 'why403', 'A face may import this'],
  ['doctor/judge/a.ts', '@why403/tools', 'serve the repository'],
  ['cli/a.ts', '@why403/tools', 'serve the repository'],
  ['cli/a.ts', '@why403/console', "Faces don't import each other"],
];

const ALLOWED: readonly (readonly [file: string, specifier: string])[] = [
  ['decision/a.ts', './b.ts'],
  ['decision/a.test.ts', 'vitest'],
  ['terms/place/a.ts', '@why403/decision'],
  ['terms/place/a.ts', '@why403/terms/address'],
  ['terms/diff/a.ts', 'diff'],
  ['terms/diff/a.ts', '../place/index.ts'],
  ['layers/nginx/model/a.ts', '@why403/filesystem'],
  ['layers/nginx/model/a.test.ts', 'node:fs'],
  ['layers/nginx/collect/a.ts', 'node:fs'],
  ['layers/nginx/copy/a.ts', '../collect/x.ts'],
  ['cli/a.ts', '@why403/doctor'],
];

const folder = mkdtempSync(join(tmpdir(), 'why403-boundaries-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Where the n-th planted import is: beside the file it is about, under a name of its own. */
const placeOf = (file: string, index: number): string => file.replace(/(\.test)?\.ts$/, (ending) => `-${index}${ending}`);

/** What the linter says of every planted file, with our configuration less its type-aware rules. */
function lintAll(planted: readonly (readonly [file: string, specifier: string, ...unknown[]])[]): ReadonlyMap<string, string> {
  writeFileSync(join(folder, '.oxlintrc.json'), JSON.stringify({ ...config, $schema: undefined, options: undefined }));
  planted.forEach(([file, specifier], index) => {
    const path = join(folder, placeOf(file, index));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `import { x } from '${specifier}';\nexport const y = x;\n`);
  });
  const result = spawnSync(join(ROOT, 'node_modules', '.bin', 'oxlint'), ['--format=json'], { cwd: folder, encoding: 'utf8' });
  // The shape of oxlint's JSON report.
  const { diagnostics } = JSON.parse(result.stdout) as {
    readonly diagnostics: readonly { readonly filename: string; readonly code: string }[];
  };
  const said = new Map<string, string>();
  for (const diagnostic of diagnostics)
    said.set(diagnostic.filename, `${said.get(diagnostic.filename) ?? ''}${JSON.stringify(diagnostic)}\n`);
  return said;
}

const everything = [...PLANTED, ...ALLOWED];
const said = lintAll(everything);

describe('import boundaries', () => {
  it.each(zones.flatMap(({ files }) => files))('%s still guards a file', (glob) => {
    expect(globSync(glob, { cwd: ROOT, exclude: (name) => name === 'node_modules' }).length).toBeGreaterThan(0);
  });

  it('are each shown to bite, message by message', () => {
    const unshown = zones.flatMap(({ files, excludeFiles, patterns }) => {
      const within = PLANTED.filter(
        ([file]) => files.some((glob) => matchesGlob(file, glob)) && !excludeFiles.some((glob) => matchesGlob(file, glob)),
      );
      return patterns
        .filter(({ message }) => !within.some(([, , says]) => message.includes(says)))
        .map(({ message }) => `${files.join()}: ${message}`);
    });
    expect(unshown).toEqual([]);
  });

  it.each(PLANTED)('%s must not import %s', (file, specifier, says) => {
    const index = PLANTED.findIndex((one) => one[0] === file && one[1] === specifier);
    expect(said.get(placeOf(file, index))).toContain(says);
  });

  it.each(ALLOWED)('%s may import %s', (file, specifier) => {
    const index = everything.findIndex((one) => one[0] === file && one[1] === specifier);
    expect(said.get(placeOf(file, index)) ?? '').not.toContain('no-restricted-imports');
  });

  it('include circles', () => {
    for (const [name, other] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const path = join(folder, 'doctor', `${name}.ts`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `import { ${other} } from './${other}.ts';\nexport const ${name} = (): unknown => ${other};\n`);
    }
    const result = spawnSync(join(ROOT, 'node_modules', '.bin', 'oxlint'), ['--format=json', 'doctor'], { cwd: folder, encoding: 'utf8' });
    expect(result.stdout).toContain('import(no-cycle)');
  });
});
