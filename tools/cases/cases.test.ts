import type { CauseId } from '@why403/decision';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type CatalogedCause, loadCatalog, ROOT } from '../gen/catalog.ts';
import { type Case, type Example, type Expectation, parseCases } from './case.ts';
import { type BagOf, detect, differences } from './hold.ts';
import { type Page, parsePage } from './page.ts';

const catalog = await loadCatalog();
const ids = new Set<CauseId>(catalog.map(({ cause }) => cause.id));
const suppliers = new Map<string, BagOf>();

for (const house of new Set(catalog.map((entry) => entry.house))) {
  const file = join(ROOT, 'layers', house, 'causes', 'bag-of.ts');
  // The contract of bag-of.ts; a house that breaks it fails in every case below.
  if (existsSync(file)) suppliers.set(house, (await import(pathToFileURL(file).href)) as BagOf);
}

function casesOf(entry: CatalogedCause): readonly Case[] {
  const files = globSync('cases/*.yaml', { cwd: entry.folder }).sort();
  return files.flatMap((file) => parseCases(readFileSync(join(entry.folder, file), 'utf8'), relative(ROOT, join(entry.folder, file))));
}

function pageOf(entry: CatalogedCause): Page {
  return parsePage(entry.doc, relative(ROOT, join(entry.folder, 'doc.md')));
}

function hold(entry: CatalogedCause, { given, expect: expected }: Case | Example): void {
  const supplier = suppliers.get(entry.house);
  if (supplier === undefined) throw new Error(`layers/${entry.house}/causes/bag-of.ts is missing: it turns \`given\` into evidence.`);
  const bag = supplier.bagOf(given);
  const detection = detect(entry.cause, bag);
  expect(differences(detection, expected, (file) => supplier.textOf?.(given, file) ?? null)).toEqual([]);
  expect(detect(entry.cause, bag), 'the same evidence gives the same answer').toEqual(detection);
}

/** Collected here so that a case that can't even be read fails as a test of its cause, not as a broken file. */
function attempt<T>(read: () => T): { readonly value: T } | { readonly problem: unknown } {
  try {
    return { value: read() };
  } catch (problem) {
    return { problem };
  }
}

describe('the catalog', () => {
  it.each(catalog.map((entry) => [entry.id, entry] as const))('%s refines causes that exist', (_id, { cause }) => {
    expect(cause.refines.filter((id) => !ids.has(id))).toEqual([]);
  });
});

for (const entry of catalog) {
  describe(entry.id, () => {
    const cases = attempt(() => casesOf(entry));
    const page = attempt(() => pageOf(entry));

    it('has cases that are found, excluded, undetermined, and a near miss', () => {
      if ('problem' in cases) throw cases.problem;
      const verdicts = cases.value.map((one) => one.expect.verdict);
      expect(verdicts).toEqual(expect.arrayContaining<Expectation['verdict']>(['found', 'excluded', 'undetermined']));
      expect(cases.value.some((one) => one['near-miss'] === true), 'one case has `near-miss: true`').toBe(true);
    });

    it('has a page with its title, an example that refuses and one that passes', () => {
      if ('problem' in page) throw page.problem;
      expect(page.value.heading).toBe(entry.cause.title);
      expect(page.value.refuses.map(({ example }) => example.expect.verdict)).toContain('found');
      expect(page.value.refuses.every(({ example }) => example.expect.verdict === 'found')).toBe(true);
      expect(page.value.passes.map(({ example }) => example.expect.verdict)).toContain('excluded');
      expect(page.value.passes.every(({ example }) => example.expect.verdict === 'excluded')).toBe(true);
    });

    if ('value' in cases) it.each(cases.value.map((one) => [one.name, one] as const))('%s', (_name, one) => hold(entry, one));
    if ('value' in page) {
      const examples = [...page.value.refuses, ...page.value.passes];
      it.each(examples.map((one) => [one.line, one.example] as const))('doc.md:%i', (_line, example) => hold(entry, example));
    }
  });
}
