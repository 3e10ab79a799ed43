/**
 * `npm run lab:mutations [-- --pairs N --seed S --only TEXT]`: breaks each rule of the model in turn and looks whether
 * the differential notices. Ends with 1 when a mutation survives or doesn't load.
 */
import { parseArgs } from 'node:util';
import { MUTATIONS } from './list.ts';
import { openWorkshop, type Verdict } from './mutate.ts';

const { values } = parseArgs({
  options: { pairs: { type: 'string', default: '20000' }, seed: { type: 'string', default: '403' }, only: { type: 'string', default: '' } },
});

const orders = { seed: values.seed, pairs: Number(values.pairs) };
using workshop = openWorkshop();
const whole = await workshop.attempt(null, orders);
if (whole.verdict !== 'survived') {
  process.stdout.write(`Unbroken, the model and nginx disagree already, so no mutation could be told from that:\n${whole.output}`);
  process.exit(1);
}

const counts: Record<Verdict, number> = { caught: 0, survived: 0, broken: 0 };
for (const mutation of MUTATIONS) {
  const name = `${mutation.rule}: ${mutation.believes}`;
  if (!name.includes(values.only) && !mutation.file.includes(values.only)) continue;
  const { verdict, pairs, output } = await workshop.attempt(mutation, orders);
  counts[verdict] += 1;
  const after = verdict === 'caught' ? ` after ${pairs} pairs` : verdict === 'broken' ? `\n${output.slice(0, 2000)}` : '';
  process.stdout.write(`${verdict.padEnd(8)} ${name} (${mutation.file})${after}\n`);
}
const tried = counts.caught + counts.survived + counts.broken;
process.stdout.write(
  `${counts.caught} of ${tried} mutations caught (${((100 * counts.caught) / tried).toFixed(1)} %), ${counts.survived} survived, ${counts.broken} did not load\n`,
);
process.exitCode = counts.caught === tried ? 0 : 1;
