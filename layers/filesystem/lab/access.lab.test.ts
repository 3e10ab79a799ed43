import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { access } from '../index.ts';
import type { Access, Identity, Use } from '../index.ts';
import { emptyTree, survey, THIS_MACHINE } from '../collect/index.ts';
import { grow, NAMES } from './grow.ts';
import type { Grown } from './grow.ts';
import { askKernel, canAsk, isRoot } from './kernel.ts';
import type { Asked } from './kernel.ts';
import { randomFrom, seeds } from './random.ts';
import type { Random } from './random.ts';

const TREES = 30;
const PATHS = 40;
const USES = ['stat', 'lstat', 'read', 'list', 'search'] as const satisfies readonly Use[];

const ours: Identity = {
  user: 'ourselves',
  uid: process.getuid?.() ?? -1,
  gid: process.getgid?.() ?? -1,
  groups: process.getgroups?.() ?? [],
};

const identities: readonly Identity[] = isRoot()
  ? [
      { user: 'www-data', uid: 33, gid: 33, groups: [33, 42_001] },
      { user: '41001', uid: 41_001, gid: 42_002, groups: [] },
      { user: 'stranger', uid: 41_999, gid: 42_999, groups: [42_001, 42_002] },
      { user: 'root', uid: 0, gid: 0, groups: [0] },
      { user: 'root without rights', uid: 0, gid: 0, groups: [], bypass: false },
    ]
  : [ours];

const withAcls = spawnSync('setfacl', ['--version']).status === 0;

/** Half of the paths exist as they grew, the others wander about. */
function randomPath(random: Random, { base, paths }: Grown): string {
  const [first, ...rest] = paths;
  if (first !== undefined && random.chance(0.5)) return `${random.pick([first, ...rest])}${random.chance(0.1) ? '/' : ''}`;
  const parts = Array.from({ length: 1 + random.int(5) }, () => {
    if (random.chance(0.03)) return 'n'.repeat(random.pick([255, 256]));
    return random.pick([...NAMES, ...NAMES, ...NAMES, '..', '.', 'missing']);
  });
  return `${base}/${parts.join('/')}${random.chance(0.15) ? '/' : ''}`;
}

function brief(answer: Access): string {
  if (answer.verdict === 'refused') return answer.obstacle.errno;
  return answer.verdict === 'granted' ? 'ok' : `unknown: ${answer.missing}`;
}

interface Count {
  agreed: number;
  refused: number;
  unknown: number;
}

const total: Count = { agreed: 0, refused: 0, unknown: 0 };

async function compare(seed: number): Promise<readonly string[]> {
  const random = randomFrom(seed);
  const wrong: string[] = [];
  for (let at = 0; at < TREES; at += 1) {
    const grown = grow(random, withAcls);
    try {
      const asked = Array.from({ length: PATHS }, (): Asked => ({ path: randomPath(random, grown), use: random.pick(USES) }));
      for (const identity of identities) wrong.push(...(await compareOne(identity, asked)));
    } finally {
      grown.remove();
    }
  }
  return wrong;
}

async function compareOne(identity: Identity, asked: readonly Asked[]): Promise<readonly string[]> {
  const kernel = askKernel(identity, asked);
  const tree = emptyTree(THIS_MACHINE);
  const { answer } = await survey(THIS_MACHINE, tree, () => asked.map(({ path, use }) => access(tree, identity, path, use)));
  return answer.flatMap((model, index) => {
    const says = brief(model);
    if (model.verdict === 'unknown') {
      total.unknown += 1;
      return [];
    }
    if (says === kernel[index]) {
      total.agreed += 1;
      total.refused += says === 'ok' ? 0 : 1;
      return [];
    }
    return [`${identity.user} ${asked[index]?.use} ${asked[index]?.path}: kernel ${kernel[index]}, model ${says} ${JSON.stringify(model)}`];
  });
}

describe.skipIf(!canAsk())('access against the kernel', () => {
  it.each(seeds())('agrees on random trees of seed %i', async (seed) => {
    expect(await compare(seed)).toEqual([]);
  });

  it('was asked enough, and root sees everything', () => {
    expect(total.agreed).toBeGreaterThan(500);
    expect(total.refused).toBeGreaterThan(200);
    if (isRoot() && withAcls) expect(total.unknown).toBe(0);
  });

  afterAll(() => {
    process.stdout.write(
      `access: ${total.agreed} agreements (${total.refused} of them refusals), ${total.unknown} unknown, seeds printed above\n`,
    );
  });
});
