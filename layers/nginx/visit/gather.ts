import { type Bag, gathered } from '@why403/decision';
import type { Gathering, LayerReport, Scene } from '@why403/terms/house';
import type { Exchange } from '@why403/terms/request';
import { nearMisses, type Obstacles } from '@why403/filesystem';
import { gatherSurroundings, survey, type Surveyed, type Where } from '@why403/filesystem/collect';
import { publicDirectoryIn } from '../causes/missing-index/facts.ts';
import { placeOf, quote } from '../causes/quote.ts';
import { refusalsOf } from '../causes/refusals.ts';
import { attribute, type Attributed } from '../model/attribution/attribute.ts';
import type { Observation } from '../model/attribution/observation.ts';
import { encountersOf, fileTypes, touchedBy, unexplained } from '../model/encounters.ts';
import { type Onion, onion } from '../model/onion.ts';
import { isRefusal } from '../model/refusal-status.ts';
import type { ModelRequest, Walk } from '../model/trace.ts';
import { gatherAround } from './around.ts';
import { masksOf } from './masks.ts';
import type { CertificateView } from './certificate.ts';
import type { Predictor } from './prediction.ts';
import { reloadEvidence, reloadNotes } from './reload.ts';
import { producerOf } from './producer.ts';
import type { Subject } from './subject.ts';

/** What a visit knows once the request was sent, or not. */
export interface Seen {
  readonly subject: Subject;
  readonly predictor: Predictor;
  readonly request: ModelRequest;
  readonly exchange: Exchange | null;
  readonly observation: Observation | null;
  /** What could not be observed. */
  readonly blind: readonly string[];
  readonly scene: Scene;
  readonly certificate: CertificateView;
}

/** Goes to see whatever the model wants to see of the file tree, behind every refusal on the request's way. */
export async function surveyWay(
  { subject, predictor }: Pick<Seen, 'subject' | 'predictor'>,
  request: ModelRequest,
): Promise<Surveyed<Onion>> {
  return survey(subject.view, subject.tree, () => {
    const found = onion(predictor.plan, request, predictor.world());
    lookAround(found, subject);
    return found;
  });
}

/** Runs the model over what is seen of the file tree, holds it against what was observed, fills the bag. */
export async function gatherEvidence(seen: Seen): Promise<Gathering> {
  const { subject, request, exchange, observation } = seen;
  const { answer: peeled, blind } = await surveyWay(seen, request);
  const items = attribute(peeled.refusals, observation);
  const [walk] = peeled.walks;
  const refusals = refusalsOf({
    configuration: subject.configuration,
    request,
    worker: subject.worker,
    tree: subject.tree,
    peeled,
    items,
    observation,
  });
  const around = { configuration: subject.configuration, tree: subject.tree, worker: subject.worker, quote, target: request.target };
  const obstacles: Obstacles = {
    encounters: [...encountersOf(items, around), ...unexplained(items, observation), ...fileTypes(walk, observation, around)],
    touched: touchedBy(walk),
    identity: subject.worker,
    accounts: subject.accounts,
    tree: subject.tree,
    process: { pids: subject.process?.workers.map((worker) => worker.pid) ?? [], comm: subject.process === null ? null : 'nginx' },
    window: exchange === null ? null : { from: exchange.sentAt, to: exchange.receivedAt },
    missing: refusals.missing,
  };
  const isOpen = obstacles.encounters.length > 0 || (observation !== null && observation.status >= 400 && items.length === 0);
  const bag: Bag = {
    'nginx/refusals': gathered(refusals),
    'filesystem/obstacles': gathered(obstacles),
    ...(await gatherAround(seen, refusals, walk)),
    ...(subject.process === null ? {} : { 'server/reload': reloadEvidence(subject, walk, observation) }),
    // Asking the kernel costs several processes: only where the file system can be what refused.
    ...(isOpen ? await gatherSurroundings(obstacles, whereOf(seen)) : {}),
  };
  return {
    client: walk?.client.address ?? null,
    told: exchange === null ? (observation?.status ?? null) : null,
    producer: exchange === null ? null : producerOf(exchange, observation, walk),
    masks: walk === undefined ? null : masksOf(walk, items[0] ?? null, observation?.status ?? null),
    bag,
    layers: layersOf(peeled, items, refusals.missing, observation),
    blind: [
      ...new Set([
        ...subject.blind,
        ...seen.blind,
        ...blind,
        ...disagreement(walk, observation),
        ...whatFailed(walk, observation),
        ...reloadNotes(subject),
        ...unreadFiles(subject),
      ]),
    ],
  };
}

/** Looks where causes will want to have looked: beside a name that isn't there, and below a directory without an index. */
function lookAround({ refusals }: Onion, { tree }: Subject): void {
  for (const { refusal } of refusals) {
    if (refusal.kind === 'no-index')
      publicDirectoryIn(
        refusal,
        refusal.tried.map((path) => path.slice(path.lastIndexOf('/') + 1)),
        tree,
      );
    if (refusal.kind === 'obstacle' && refusal.obstacle.errno === 'ENOENT') nearMisses(tree, refusal.path);
  }
}

function whereOf({ subject, scene }: Seen): Where {
  const worker = subject.process?.workers.find((one) => !one.isLeaving) ?? null;
  return { view: subject.view, pid: worker?.pid ?? subject.process?.master.pid ?? null, logs: scene.flags.get('--audit-log') ?? [] };
}

/**
 * The server passed when nothing of its own refused, or what refused was seen to stand behind it; the file
 * system when the walk reached a file. What makes a request fail without refusing it, such as a missing file,
 * is no layer's refusal.
 */
function layersOf(
  { walks }: Onion,
  items: readonly Attributed[],
  missing: readonly string[],
  observation: Observation | null,
): readonly LayerReport[] {
  const [first] = walks;
  const spoke = items.find((one) => one.at === 0 && (one.certain || one.confidence >= 0.95));
  const kind = spoke === undefined || !isRefusal(spoke.refusal.status) ? null : spoke.refusal.kind;
  const isFilesystem = kind === 'obstacle' || (kind === 'auth-basic-file' && spoke?.refusal.status !== 403);
  const [doubt] = missing;
  const isOpen = doubt !== undefined && spoke === undefined && (observation === null || isRefusal(observation.status));
  const isUnexplained = items.length === 0 && observation !== null && isRefusal(observation.status) && first?.answer.state === 'answered';
  const server: LayerReport =
    kind !== null && !isFilesystem && kind !== 'upstream'
      ? { layer: 'server', verdict: 'refused' }
      : isOpen
        ? { layer: 'server', verdict: 'undetermined', missing: [doubt] }
        : isUnexplained
          ? { layer: 'server', verdict: 'undetermined', missing: [ITS_OWN_FILES] }
          : { layer: 'server', verdict: 'passed' };
  const answer = first?.answer.state === 'answered' ? first.answer : null;
  const looked = spoke !== undefined && kind === null;
  const served = answer !== null && (answer.source === 'file' || answer.source === 'listing');
  if (kind === 'upstream' && observation?.page === 'foreign') {
    return [server, { layer: 'filesystem', verdict: 'not-present' }, { layer: 'app', verdict: 'refused' }];
  }
  if (isFilesystem) return [server, { layer: 'filesystem', verdict: 'refused' }];
  if (served || looked) return [server, { layer: 'filesystem', verdict: 'passed' }];
  return [server, { layer: 'filesystem', verdict: 'not-checked', missing: ['the request did not get as far as a file'] }];
}

const ITS_OWN_FILES =
  'the configuration and the file tree that the server itself has: by those that were read it would not refuse (a run on its machine, or --root with a copy of them)';

/** What ended a request that failed without being refused: no cause of a refusal explains it, its place does. */
function whatFailed(walk: Walk | undefined, observation: Observation | null): readonly string[] {
  if (walk?.answer.state !== 'answered') return [];
  const { status, unmasked, by } = walk.answer;
  if (status < 400 || isRefusal(status) || isRefusal(unmasked)) return [];
  if (observation !== null && observation.status !== status) return [];
  const check = walk.checks[by];
  if (check === undefined) return [];
  const place = check.directive === null ? '' : ` (${placeOf(check.directive)})`;
  return [`nginx answers ${status} here: ${check.says}${place}`];
}

/** The model and the server must agree; where they don't, it is said and not explained away. */
function disagreement(walk: Walk | undefined, observation: Observation | null): readonly string[] {
  if (walk === undefined || observation === null || walk.answer.state !== 'answered') return [];
  if (walk.answer.status === observation.status) return [];
  return [
    `by its configuration on disk nginx would answer ${walk.answer.status}, but it answered ${observation.status}: the running process may have read other files, or something outside of its configuration decided`,
  ];
}

function unreadFiles({ configuration }: Subject): readonly string[] {
  return configuration.unread.map(
    ({ path, why }) => `${path} is part of the configuration and could not be read (${why}): what it says is unknown`,
  );
}
