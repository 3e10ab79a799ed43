import { chmodSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { THIS_MACHINE } from '@why403/filesystem/collect';
import type { Question } from '@why403/terms/request';
import { describe, expect, test } from 'vitest';
import { readConfiguration } from '../collect/read-configuration.ts';
import { answersOf, startSite } from '../lab/compare/run-site.ts';
import { worldOf } from '../lab/compare/judge.ts';
import type { RequestSpec } from '../lab/generate/requests.ts';
import { generateSite } from '../lab/generate/site.ts';
import { hasNginx, type Lab } from '../lab/server.ts';
import type { ModelRequest } from '../model/trace.ts';
import { Experiment } from './experiment.ts';
import { siteOf } from './site.lab-fixture.ts';
import { removeTree } from './workspace.ts';

const SITES = Number(process.env['WHY403_COPY_SITES'] ?? 30);
const FIRST = Number(process.env['WHY403_COPY_SEED'] ?? 1);
const REQUESTS = 30;

describe.skipIf(!hasNginx)('an unchanged private copy of a random site', () => {
  test(`answers as the site itself does (${SITES} sites from seed ${FIRST})`, async () => {
    const base = siteOf({ http: () => '' });
    let compared = 0;
    const odd: string[] = [];
    const unfit = new Map<string, number>();
    for (let seed = FIRST; seed < FIRST + SITES; seed += 1) {
      const site = generateSite(`likeness ${seed}`, REQUESTS);
      // What random_index serves is left to chance on both sides.
      if (site.isSequential || JSON.stringify(site.http).includes('"random_index"')) continue;
      const lab = await startSite(site);
      if (lab === null) continue;
      // A copy has no client on a Unix socket, and no client's certificate to show.
      const asked = site.requests.filter(
        (request) => request.from !== 'unix:' && request.tls?.certificate !== 'good' && request.tls?.certificate !== 'foreign',
      );
      const real = await answersOf(lab, asked);
      const copy = await copyAnswers(base, lab, asked);
      if ('why' in copy) unfit.set(copy.why.replace(/\/tmp\/\S*|\d+/g, '…'), (unfit.get(copy.why) ?? 0) + 1);
      else {
        for (const [at, request] of asked.entries()) {
          // A handshake that is refused leaves no answer at all.
          const was = real[at]?.status ?? (request.tls === null ? 444 : null);
          const is = copy.statuses[at];
          compared += 1;
          if (is !== was && !(request.tls !== null && was === null && is === 444))
            odd.push(
              `seed ${seed}: ${request.method} ${request.target} from ${request.from} to port ${request.port}: real ${was}, copy ${String(is)}`,
            );
        }
      }
      await lab.stop();
    }
    base.remove();
    console.log(`${compared} answers compared; no copy: ${JSON.stringify([...unfit])}`);
    expect(odd).toEqual([]);
    expect(compared).toBeGreaterThan(SITES * REQUESTS * 0.25);
  });
});

async function copyAnswers(
  base: ReturnType<typeof siteOf>,
  lab: Lab,
  asked: readonly RequestSpec[],
): Promise<{ readonly statuses: readonly (number | null)[] } | { readonly why: string }> {
  const reading = readConfiguration({ view: THIS_MACHINE, main: lab.configPath, prefix: `${lab.directory}/` });
  if (reading.state !== 'read') throw new Error(JSON.stringify(reading));
  const { configuration } = reading;
  const questions = new Map<Question, RequestSpec>(
    asked.map((request) => [base.question(request.target, { bodyLength: request.body.length }), request]),
  );
  const [first, ...rest] = questions.keys();
  if (first === undefined) return { statuses: [] };
  const trial = base.trial(first, []);
  const directory = mkdtempSync(join(tmpdir(), 'why403-like-'));
  chmodSync(directory, 0o711);
  const experiment = new Experiment(
    {
      ...trial,
      server: { ...trial.server, configuration },
      cells: rest.map((question) => ({ label: '', question })),
      request: (question) => requestOf(lab, questions.get(question)),
      client: () => null,
      stubs: worldOfStubs(lab),
    },
    { patched: { configuration, origin: (one) => one }, commands: [], user: process.getuid?.() === 0 ? null : undefined, directory },
  );
  try {
    const ended = await experiment.run();
    if ('refused' in ended) return { why: ended.refused };
    return 'why' in ended ? ended : { statuses: ended.before.map((reply) => reply?.status ?? null) };
  } finally {
    await experiment.stop();
    removeTree(directory);
  }
}

function requestOf(lab: Lab, spec: RequestSpec | undefined): ModelRequest {
  if (spec === undefined) throw new TypeError('every question has its request');
  return {
    method: spec.method,
    target: spec.target,
    httpVersion: spec.version,
    headers: spec.headers,
    peer: { address: spec.from, port: null },
    local: { address: spec.to, port: lab.port(spec.port) },
    tls: spec.tls === null ? null : { serverName: spec.tls.serverName, clientVerify: 'NONE' },
    time: 0,
  };
}

/** A stub that doesn't answer is a gateway's error to the server before it. */
function worldOfStubs(lab: Lab) {
  const world = worldOf(lab);
  return { upstream: (directive: Parameters<typeof world.upstream>[0]) => world.upstream(directive) ?? 502, authRequest: () => null };
}
