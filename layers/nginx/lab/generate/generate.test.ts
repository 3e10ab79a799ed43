import { describe, expect, it } from 'vitest';
import { MODELLED } from '../../model/settings/table.ts';
import { random } from './random.ts';
import { bytesOf } from './requests.ts';
import { generateSite } from './site.ts';
import { print, simple, size, type Statement, walkStatements, withOneLess } from './statement.ts';

/** Directives that the model knows and the generator doesn't emit, each with the reason. */
const NOT_EMITTED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [...MODELLED]
      .filter((name) => name.startsWith('echo'))
      .map((name) => [name, 'undetermined by the model, on purpose: a module decides']),
  ),
  modsecurity: 'undetermined by the model, on purpose: the rules decide',
  perl: 'undetermined by the model, on purpose: a program decides',
  js_content: 'undetermined by the model, on purpose: a program decides',
  content_by_lua: 'undetermined by the model, on purpose: a program decides',
  content_by_lua_block: 'undetermined by the model, on purpose: a program decides',
  content_by_lua_file: 'undetermined by the model, on purpose: a program decides',
  upload_pass: 'not among the modules of Debian’s nginx',
  passenger_enabled: 'not among the modules of Debian’s nginx',
};

function namesIn(seeds: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const seed of seeds) walkStatements(generateSite(seed, 0).http, ({ name }) => names.add(name));
  return names;
}

describe('generating sites', () => {
  it('gives the same site for the same seed, and another for another', () => {
    expect(generateSite('a', 5)).toEqual(generateSite('a', 5));
    expect(generateSite('a', 5)).not.toEqual(generateSite('b', 5));
  });

  it('emits every directive that the model computes', () => {
    const names = namesIn(Array.from({ length: 1500 }, (_, number) => `names:${number}`));
    const without = [...MODELLED].filter((name) => !names.has(name) && !(name in NOT_EMITTED));
    expect(without).toEqual([]);
    // An exception that is emitted after all, or no longer modelled, is to be deleted.
    expect(Object.keys(NOT_EMITTED).filter((name) => names.has(name) || !MODELLED.has(name))).toEqual([]);
  });

  it('nests locations three deep', () => {
    const depth = (statements: readonly Statement[]): number =>
      Math.max(0, ...statements.map(({ name, block }) => (name === 'location' ? 1 : 0) + depth(block ?? [])));
    const deepest = Math.max(...Array.from({ length: 100 }, (_, number) => depth(generateSite(`deep:${number}`, 0).http)));
    expect(deepest).toBe(3);
  });

  it('writes a request as it goes over the wire', () => {
    const request = {
      method: 'POST',
      target: '/x',
      version: '1.1',
      headers: [['Host', 'a']],
      body: 'abc',
      from: '127.0.0.1',
      to: '127.0.0.1',
      port: 0,
      tls: null,
    } as const;
    expect(bytesOf(request)).toBe('POST /x HTTP/1.1\r\nHost: a\r\n\r\nabc');
  });
});

describe('choosing at random', () => {
  it('stays within what it chooses from', () => {
    const source = random('x');
    for (let time = 0; time < 1000; time += 1) {
      expect(source.below(3)).toBeLessThan(3);
      expect(['a', 'b']).toContain(source.pick(['a', 'b']));
      expect(
        source.weighed([
          [0, 'never'],
          [1, 'always'],
        ]),
      ).toBe('always');
    }
    expect(source.shuffled([1, 2, 3, 4]).sort((a, b) => a - b)).toEqual([1, 2, 3, 4]);
  });
});

describe('statements', () => {
  const nested: readonly Statement[] = [simple('a', 1), { name: 'b', words: ['@port0@'], block: [simple('c'), simple('d')] }];

  it('are printed with what only the run knows', () => {
    expect(print(nested, { port0: '80' })).toBe('a 1;\nb 80 {\n  c;\n  d;\n}\n');
  });

  it('are made smaller by one, the largest part first', () => {
    const smaller = [...withOneLess(nested)].map((statements) => print(statements, {}).replaceAll(/\s+/g, ''));
    expect(smaller).toEqual(['a1;', 'b@port0@{c;d;}', 'a1;b@port0@{d;}', 'a1;b@port0@{c;}']);
    expect(nested.reduce((sum, statement) => sum + size(statement), 0)).toBe(4);
  });
});
