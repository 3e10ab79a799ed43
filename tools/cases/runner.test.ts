import type { Cause, Detection } from '@why403/decision';
import { describe, expect, it } from 'vitest';
import { parseCases, parseExample } from './case.ts';
import { detect, differences } from './hold.ts';
import { parsePage } from './page.ts';

const CASE = 'name: a\ngiven: { x: 1 }\nexpect: { verdict: excluded }\n';

const FOUND: Detection = {
  verdict: 'found',
  sightings: [
    {
      at: 1,
      title: 'the rule on line 3 refuses',
      why: 'because',
      confidence: 0.97,
      evidence: [{ kind: 'config', file: '/a', line: 3, text: 'deny all;', says: 'x', audience: 'operator' }],
      remedies: [
        {
          who: 'operator',
          say: 'allow it',
          apply: 'review',
          steps: [
            { kind: 'edit', edits: [{ file: '/a', start: 2, end: 2, text: 'allow 127.0.0.1;\n' }] },
            { kind: 'command', argv: ['chmod', 'o+x', '/srv'] },
          ],
        },
      ],
    },
  ],
};

const none = (): null => null;

describe('parseCases', () => {
  it('reads one case a document, and lists', () => {
    expect(parseCases(`${CASE}---\n- name: b\n  near-miss: true\n  given: {}\n  expect: { verdict: found, at: 0 }\n`, 'f')).toHaveLength(2);
  });

  it('names file and line of broken YAML, and of a document with a key that nobody reads', () => {
    expect(() => parseCases('name: a\ngiven: [\n', 'f.yaml')).toThrow(/^f\.yaml:3: /);
    expect(() => parseCases(`${CASE}---\n${CASE}exepct: 1\n`, 'f.yaml')).toThrow(/^f\.yaml:5: .*exepct/s);
  });

  it('takes nothing for a case', () => {
    expect(parseCases('', 'f')).toEqual([]);
    expect(() => parseExample('', 'f', 4)).toThrow(/^f:4: /);
  });
});

describe('parsePage', () => {
  const page = '# Title\n\n```yaml refuses\ngiven: {}\nexpect: { verdict: found }\n```\n~~~sh\n# no heading\n~~~\n```yaml passes\ngiven: {}\nexpect: { verdict: excluded }\n```\n';

  it('finds the heading and the examples with their lines', () => {
    expect(parsePage(page, 'doc.md')).toMatchObject({ heading: 'Title', refuses: [{ line: 3 }], passes: [{ line: 10 }] });
  });

  it('takes no comment in a block for a heading', () => {
    expect(parsePage('```sh\n# a\n```\n', 'doc.md').heading).toBeNull();
  });

  it('names the place of an example that is wrong, and of a block that never ends', () => {
    expect(() => parsePage('# T\n```yaml passes\ngiven: {}\n```\n', 'doc.md')).toThrow(/^doc\.md:3: .*expect/s);
    expect(() => parsePage('# T\n```yaml\n', 'doc.md')).toThrow('doc.md:2');
  });
});

describe('differences', () => {
  it('has nothing to say when all that was expected is there', () => {
    const evidence = [{ kind: 'config' as const, file: '/a', line: 3, text: 'deny' }];
    const expected = { verdict: 'found' as const, at: 1, certainty: 'proven' as const, title: 'line 3', evidence };
    expect(differences(FOUND, { ...expected, remedy: { apply: 'review', step: 'command', contains: 'o+x /srv' } }, none)).toEqual([]);
  });

  it.each([
    ['verdict', { verdict: 'excluded' as const }],
    ['place in the order', { verdict: 'found' as const, at: 0 }],
    ['certainty', { verdict: 'found' as const, certainty: 'possible' as const }],
    ['title', { verdict: 'found' as const, title: 'line 4' }],
    ['evidence', { verdict: 'found' as const, evidence: [{ kind: 'config' as const, line: 4 }] }],
    ['remedy', { verdict: 'found' as const, remedy: { apply: 'safe' as const } }],
    ['step', { verdict: 'found' as const, remedy: { step: 'manual' as const } }],
    ['text of a step of that kind', { verdict: 'found' as const, remedy: { step: 'edit' as const, contains: 'chmod' } }],
  ])('tells a wrong %s', (_what, expected) => {
    expect(differences(FOUND, expected, none)).toHaveLength(1);
  });

  it('shows edits as a diff when the file is known, else by what they put in', () => {
    const expected = { verdict: 'found' as const, remedy: { contains: '+allow 127.0.0.1;' } };
    expect(differences(FOUND, expected, () => 'x\ny\n')).toEqual([]);
    expect(differences(FOUND, expected, none)).toHaveLength(1);
  });

  it('tells what is missing', () => {
    const detection: Detection = { verdict: 'undetermined', missing: ['the error log'] };
    expect(differences(detection, { verdict: 'undetermined', missing: 'error log' }, none)).toEqual([]);
    expect(differences(detection, { verdict: 'undetermined', missing: 'password' }, none)).toHaveLength(1);
    expect(differences(detection, { verdict: 'excluded' }, none)).toEqual([expect.stringContaining('the error log')]);
  });
});

describe('detect', () => {
  it('shows a cause its declared kinds only, and says so when nobody gathered one', () => {
    const seen: unknown[] = [];
    const needs = ['nginx/refusals'] as const;
    const cause: Cause = { id: 'a/b', layer: 'server', title: 't', refines: [], needs, detect: (evidence) => (seen.push(evidence), { verdict: 'excluded' }) };
    detect(cause, {});
    expect(seen).toEqual([{ 'nginx/refusals': { state: 'unavailable', missing: expect.any(String) } }]);
  });
});
