import { type Cause, type CauseId, defineCause, type Sighting } from '@why403/decision';
import { describe, expect, it } from 'vitest';
import type { Judged } from '../judge/judge.ts';
import { rank } from './rank.ts';

function cause(id: CauseId, refines: readonly CauseId[] = []): Cause {
  return defineCause({ id, layer: 'server', title: id, refines, needs: [], detect: () => ({ verdict: 'excluded' }) });
}

function sighting(at: number, confidence: number, line = 1): Sighting {
  return {
    at,
    title: `at ${at}`,
    why: 'because',
    confidence,
    evidence: [{ kind: 'config', file: '/etc/a.conf', line, says: 'it says so', audience: 'operator' }],
    remedies: [{ who: 'operator', say: 'mend it', apply: 'review', steps: [] }],
  };
}

function found(of: Cause, ...sightings: readonly [Sighting, ...Sighting[]]): Judged {
  return { cause: of, hop: 0, product: 'a server', detection: { verdict: 'found', sightings } };
}

const ids = (list: readonly { readonly cause: Cause }[]): readonly string[] => list.map((one) => one.cause.id);

describe('rank', () => {
  it('keeps the order of the server, whatever the order of the causes', () => {
    const ranking = rank([
      found(cause('a/late'), sighting(2, 0.99)),
      found(cause('a/early'), sighting(0, 0.97)),
      found(cause('a/middle'), sighting(1, 0.96)),
    ]);
    expect(ids(ranking.findings)).toEqual(['a/early']);
    expect(ids(ranking.next)).toEqual(['a/middle', 'a/late']);
  });

  it('folds a broader cause into the finer one that explains the same place', () => {
    const ranking = rank([found(cause('a/broad'), sighting(0, 0.99)), found(cause('a/fine', ['a/broad']), sighting(0, 0.99))]);
    expect(ids(ranking.findings)).toEqual(['a/fine']);
  });

  it('keeps a broader cause that speaks of another place', () => {
    const ranking = rank([found(cause('a/broad'), sighting(0, 0.6, 7)), found(cause('a/fine', ['a/broad']), sighting(0, 0.4, 3))]);
    expect(ids(ranking.findings)).toEqual(['a/broad', 'a/fine']);
  });

  it('keeps a broader cause that is much surer than the finer one', () => {
    const ranking = rank([found(cause('a/broad'), sighting(0, 0.99)), found(cause('a/fine', ['a/broad']), sighting(0, 0.5))]);
    expect(ids(ranking.findings)).toEqual(['a/broad', 'a/fine']);
  });

  it('tells rivals for the same refusal surest first', () => {
    const ranking = rank([found(cause('a/one'), sighting(0, 0.4)), found(cause('a/other'), sighting(0, 0.6, 2))]);
    expect(ids(ranking.findings)).toEqual(['a/other', 'a/one']);
    expect(ranking.next).toEqual([]);
  });

  it('says of which broader causes it is a kind: those found beside it, and those of its house between', () => {
    const fine = cause('a/fine', ['a/between', 'b/elsewhere', 'a/broad', 'a/other']);
    const [first] = rank([found(fine, sighting(0, 0.99)), found(cause('a/broad'), sighting(0, 0.99))]).findings;
    expect(first?.refines).toEqual(['a/between', 'a/broad']);
  });

  it('calls one fact by one name when two causes are sure of the same place', () => {
    const both = [found(cause('a/one', ['a/broad']), sighting(0, 0.99)), found(cause('a/two', ['a/broad']), sighting(0, 0.99))];
    expect(ids(rank(both).findings)).toEqual(['a/one']);
    const elsewhere = [found(cause('a/one'), sighting(0, 0.99)), found(cause('a/two'), sighting(0, 0.99, 7))];
    expect(ids(rank(elsewhere).findings)).toEqual(['a/one', 'a/two']);
  });

  it('does not put what stands behind in the place of a refusal that no cause is known for', () => {
    const ranking = rank([found(cause('a/behind'), sighting(1, 0.96))]);
    expect([ids(ranking.findings), ids(ranking.next)]).toEqual([[], ['a/behind']]);
  });

  it('tells each later refusal once', () => {
    const ranking = rank([
      found(cause('a/first'), sighting(0, 0.99)),
      found(cause('a/one'), sighting(1, 0.96)),
      found(cause('a/two'), sighting(1, 0.7, 5)),
    ]);
    expect(ids(ranking.next)).toEqual(['a/one']);
  });

  it('finds nothing where no cause is found', () => {
    expect(rank([{ cause: cause('a/none'), hop: 0, product: 'a server', detection: { verdict: 'excluded' } }])).toEqual({
      findings: [],
      next: [],
    });
  });
});
