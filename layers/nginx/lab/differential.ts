/**
 * `node layers/nginx/lab/differential.ts [--pairs N] [--seed S] [--describe N] [--enough N] [--counterfactuals N] [--table]`: compares the
 * model with the real nginx by hand. Ends with 1 when they disagree anywhere, and prints each disagreement shrunk.
 */
import { parseArgs } from 'node:util';
import { campaign, summary } from './compare/campaign.ts';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '403' },
    describe: { type: 'string', default: '5' },
    enough: { type: 'string', default: 'Infinity' },
    counterfactuals: { type: 'string', default: '2' },
    table: { type: 'boolean', default: false },
  },
});

const findings = await campaign({
  seed: values.seed,
  pairs: Number(values.pairs),
  describe: Number(values.describe),
  enough: Number(values.enough),
  counterfactuals: Number(values.counterfactuals),
});
for (const description of findings.descriptions) process.stdout.write(`${description}\n`);
if (values.table) process.stdout.write(`${findings.histogram.print()}\n`);
process.stdout.write(`${summary(findings)}\n`);
process.exitCode = findings.disagreed > 0 || findings.counterfactual.wrong > 0 ? 1 : 0;
