import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { campaign, type Findings, summary } from './compare/campaign.ts';
import { hasNginx } from './server.ts';

const PAIRS = Number(process.env['WHY403_PAIRS'] ?? 5000);
const SEED = process.env['WHY403_SEED'] ?? '403';

/** The figures are part of what a run says, also when all is well. */
function say(findings: Findings, more: readonly string[] = []): void {
  process.stdout.write(`\n${[summary(findings), ...more].join('\n')}\n`);
}

function expectAgreement(findings: Findings): void {
  expect(findings.descriptions.join('\n')).toBe('');
  expect({ disagreed: findings.disagreed, wrong: findings.counterfactual.wrong }).toEqual({ disagreed: 0, wrong: 0 });
  expect(findings.agreed / findings.pairs).toBeGreaterThanOrEqual(0.99);
}

describe.skipIf(!hasNginx)('the model against the real nginx', () => {
  it(`agrees on ${PAIRS} pairs of seed ${SEED}`, { timeout: 60_000 + PAIRS * 60 }, async () => {
    const findings = await campaign({ seed: SEED, pairs: PAIRS });
    say(findings, [findings.histogram.print()]);
    expectAgreement(findings);
    // Blaming is tested in earnest only if taking out what is blamed often does change the answer.
    const { changed, 'as-foreseen': foreseen } = findings.counterfactual;
    expect(changed).toBeGreaterThan(foreseen / 4);
  });

  it('agrees on pairs of a seed that nobody chose', { timeout: 60_000 + PAIRS * 60 }, async () => {
    const findings = await campaign({ seed: String(randomInt(1_000_000_000)), pairs: Math.ceil(PAIRS / 5) });
    say(findings);
    expectAgreement(findings);
  });
});
