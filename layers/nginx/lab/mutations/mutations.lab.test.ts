import { describe, expect, it } from 'vitest';
import { hasNginx } from '../server.ts';
import { MUTATIONS } from './list.ts';
import { openWorkshop } from './mutate.ts';

/** A handful, to show that the lab can go red; `npm run lab:mutations` tries them all. */
const SAMPLE = [
  'N2 phases: return beats deny',
  'N4 location: ^~ shuts out',
  'N6 allow/deny: the first match',
  'N7 satisfy any: the first',
  'N10 static: EACCES',
];

describe.skipIf(!hasNginx)('a model with a broken rule', () => {
  it.each(SAMPLE)('%s is found out by the lab', { timeout: 180_000 }, async (start) => {
    const mutation = MUTATIONS.find(({ rule }) => rule.startsWith(start));
    if (mutation === undefined) throw new Error(`no mutation breaks ${start}`);
    using workshop = openWorkshop();
    const { verdict } = await workshop.attempt(mutation, { seed: '403', pairs: 5000 });
    expect(verdict).toBe('caught');
  });
});
