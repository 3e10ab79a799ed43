import { generateSite } from '../generate/site.ts';
import { type Counterfactual, counterfactual, refusals } from './counterfactual.ts';
import { Histogram } from './histogram.ts';
import { compareSite, type Pair } from './pair.ts';
import { describeDisagreement } from './report.ts';
import { shrink } from './shrink.ts';

export interface Orders {
  readonly seed: string;
  readonly pairs: number;
  /** Requests to one configuration. */
  readonly perSite?: number;
  /** Disagreements that are shrunk and described; the rest are only counted. */
  readonly describe?: number;
  /** Refusals of each site that are tried without the directive that is blamed for them. */
  readonly counterfactuals?: number;
  /** Ends early once this many pairs disagreed. */
  readonly enough?: number;
}

export interface Findings {
  readonly seed: string;
  pairs: number;
  sites: number;
  /** Configurations that nginx itself refuses: they count for nothing but must not break the model. */
  invalid: number;
  agreed: number;
  undetermined: number;
  disagreed: number;
  readonly statuses: Map<number, number>;
  /** Why the model couldn't tell, by how often. */
  readonly missing: Map<string, number>;
  readonly histogram: Histogram;
  readonly counterfactual: Record<Counterfactual, number>;
  /** Self-contained texts of the first disagreements, shrunk. */
  readonly descriptions: string[];
}

const PER_SITE = 50;
const COUNTERFACTUALS = 2;

/** Compares the model with the server on random sites until `pairs` requests were asked. */
export async function campaign(orders: Orders): Promise<Findings> {
  const findings: Findings = {
    seed: orders.seed,
    pairs: 0,
    sites: 0,
    invalid: 0,
    agreed: 0,
    undetermined: 0,
    disagreed: 0,
    statuses: new Map(),
    missing: new Map(),
    histogram: new Histogram(),
    counterfactual: { changed: 0, 'as-foreseen': 0, wrong: 0, skipped: 0 },
    descriptions: [],
  };
  const perSite = orders.perSite ?? PER_SITE;
  for (let number = 0; findings.pairs < orders.pairs && findings.disagreed < (orders.enough ?? Infinity); number += 1) {
    await oneSite(findings, orders, `${orders.seed}:${number}`, Math.min(perSite, orders.pairs - findings.pairs));
  }
  return findings;
}

async function oneSite(findings: Findings, orders: Orders, seed: string, count: number): Promise<void> {
  const site = generateSite(seed, count);
  const outcome = await compareSite(site, async (lab, pairs) => {
    for (const refused of refusals(pairs).slice(0, orders.counterfactuals ?? COUNTERFACTUALS)) {
      const { outcome, says } = await counterfactual(site, lab, refused);
      findings.counterfactual[outcome] += 1;
      if (outcome === 'wrong')
        findings.descriptions.push(`## counterfactual (site ${seed}): ${says}\n${JSON.stringify(refused.request)}\n${lab.config}`);
    }
  });
  if (outcome.state === 'invalid') {
    findings.invalid += 1;
    return;
  }
  findings.sites += 1;
  findings.histogram.addSite(site.http, outcome.pairs.length);
  const disagreed = outcome.pairs.filter((pair) => record(findings, pair));
  for (const { request } of disagreed.slice(0, 1)) {
    if (findings.descriptions.length >= (orders.describe ?? 5)) break;
    const shrunk = await shrink(site, request);
    findings.descriptions.push(
      shrunk === null
        ? `## site ${seed}: a disagreement that didn't come back: ${JSON.stringify(request)}\n`
        : describeDisagreement(shrunk),
    );
  }
}

/** Counts one pair; true when it is a disagreement. */
function record(findings: Findings, pair: Pair): boolean {
  findings.pairs += 1;
  const status = pair.real?.status ?? 444;
  findings.statuses.set(status, (findings.statuses.get(status) ?? 0) + 1);
  if (pair.walk !== null) findings.histogram.addWalk(pair.walk);
  switch (pair.agreement.state) {
    case 'agreed':
      findings.agreed += 1;
      return false;
    case 'undetermined':
      findings.undetermined += 1;
      for (const reason of pair.agreement.missing) {
        // Each lab has a folder of its own, which would keep like from like.
        const plain = reason.replaceAll(/\S*why403-lab-\w+\/\S*/g, '…');
        findings.missing.set(plain, (findings.missing.get(plain) ?? 0) + 1);
      }
      return false;
    case 'disagreed':
      findings.disagreed += 1;
      return true;
  }
}

/** The two published figures, and what they rest on. */
export function summary(findings: Findings): string {
  const determinate = findings.agreed + findings.disagreed;
  const share = (part: number, whole: number): string => (whole === 0 ? 'none' : `${((100 * part) / whole).toFixed(3)} %`);
  const counts = (map: ReadonlyMap<unknown, number>, most = 40): string =>
    [...map]
      .sort(([, a], [, b]) => b - a)
      .slice(0, most)
      .map(([what, count]) => `${String(what)} × ${count}`)
      .join(' · ');
  const { changed, 'as-foreseen': foreseen, wrong, skipped } = findings.counterfactual;
  return [
    `seed ${findings.seed}: ${findings.pairs} pairs on ${findings.sites} configurations (${findings.invalid} more were refused by nginx itself)`,
    `agreement ${share(findings.agreed, determinate)} of ${determinate} determinate answers, ${findings.disagreed} disagreements; coverage ${share(determinate, findings.pairs)}`,
    `without the directive that is blamed: ${changed} answers changed, ${foreseen} stayed as the model foresaw, ${wrong} wrong, ${skipped} could not be tried`,
    `statuses: ${counts(findings.statuses)}`,
    ...(findings.missing.size > 0 ? [`undetermined: ${counts(findings.missing)}`] : []),
  ].join('\n');
}
