import type { Step } from '@why403/decision';
import { survey } from '@why403/filesystem/collect';
import type { Prediction } from '@why403/terms/house';
import { md5Base64Url, verifyPassword } from '../collect/passwords.ts';
import { compile } from '../model/compile.ts';
import { isRefusal } from '../model/refusal-status.ts';
import type { Facts, ModelRequest, Plan, Walk, World } from '../model/trace.ts';
import { walk } from '../model/walk.ts';
import { edited, editsOf, treeAfter } from '../model/what-if.ts';
import type { Subject } from './subject.ts';

/** The model of one nginx, asked about requests and about what a change would make of them. */
export class Predictor {
  readonly plan: Plan;
  readonly #subject: Subject;
  readonly #facts: Facts;
  readonly #plans = new Map<string, Plan | string>();

  constructor(subject: Subject, facts: Facts) {
    this.#subject = subject;
    this.#facts = facts;
    this.plan = compile(subject.configuration, facts);
  }

  /** What the model may ask beside the configuration. Nothing behind nginx is known until it was observed. */
  world(tree: World['tree'] = this.#subject.tree): World {
    const { worker, workerDoubt } = this.#subject;
    return {
      tree: workerDoubt === null ? tree : unseen(workerDoubt),
      worker,
      verifyPassword,
      md5: md5Base64Url,
      upstream: () => null,
      authRequest: () => null,
      modules: null,
    };
  }

  walk(request: ModelRequest): Walk {
    return walk(this.plan, request, this.world());
  }

  predict(request: ModelRequest, steps: readonly Step[]): Prediction {
    const plan = this.#planAfter(steps);
    if (typeof plan === 'string') return { status: null, missing: [plan] };
    const tree = treeAfter(this.#subject.tree, steps, this.#subject.accounts);
    if (tree === null) return { status: null, missing: ['what one of the steps would make of the files can not be foretold'] };
    return predictionOf(walk(plan, request, this.world(tree)));
  }

  /** The address that nginx takes for the client's once `steps` are done: an edit of realip's settings changes it. */
  clientAfter(request: ModelRequest, steps: readonly Step[]): string | null {
    const plan = this.#planAfter(steps);
    return typeof plan === 'string' ? null : walk(plan, request, this.world()).client.address;
  }

  /** Goes to see what the model wants to know of the file tree for these requests. */
  async prepare(requests: readonly ModelRequest[]): Promise<readonly string[]> {
    const { blind } = await survey(this.#subject.view, this.#subject.tree, () => {
      for (const request of requests) this.walk(request);
    });
    return blind;
  }

  /** Plans are kept by the edits that make them: the matrix asks the same few again and again. */
  #planAfter(steps: readonly Step[]): Plan | string {
    const edits = editsOf(steps);
    if (edits.length === 0) return this.plan;
    const key = JSON.stringify(edits);
    const kept = this.#plans.get(key);
    if (kept !== undefined) return kept;
    const changed = edited(this.#subject.configuration, edits);
    const plan = 'why' in changed ? `nginx would not read the configuration any more: ${changed.why}` : compile(changed.ok, this.#facts);
    this.#plans.set(key, plan);
    return plan;
  }
}

/** Whatever is asked of it, the answer is that it can't be known. */
function unseen(why: string): World['tree'] {
  return { look: () => ({ state: 'unseen', why }), list: () => null, read: () => null };
}

/** A doubtful walk predicts nothing, except what is answered when the doubt can't refuse. */
function predictionOf({ answer, checks }: Walk): Prediction {
  if (answer.state !== 'answered') return { status: null, missing: answer.missing };
  const { status, unmasked, mask } = answer;
  // try_files passes over what the worker may not look at, and ends in something else.
  const passedOver = checks.find((check) => check.verdict === 'noted' && check.refusal !== null)?.refusal ?? null;
  const masks = mask !== null && unmasked !== status ? unmasked : passedOver !== null && !isRefusal(status) ? passedOver.status : null;
  return { status, masks, missing: [] };
}
