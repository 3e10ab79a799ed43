import { access } from '@why403/filesystem';
import { doubt, fail, type Journey, LOST, methodOf, ON, pass, refusalOf, refuseWith, type Turn } from '../journey.ts';
import { fromBytes, toBytes } from '../values/bytes.ts';
import { mapUri } from './path.ts';
import { liftedTree, reach } from './reach.ts';

/** autoindex: lists a directory for GET and HEAD. */
export function autoindex(journey: Journey): Turn {
  const { state, scope } = journey;
  const rule = scope.settings.autoindex;
  if (rule === null || !state.uri.endsWith('/') || (methodOf(journey) !== 'GET' && methodOf(journey) !== 'HEAD')) return ON;
  const directory = openDirectory(journey);
  if (directory.kind !== 'opened') return directory.turn;
  const by = pass(journey, rule, `autoindex lists ${directory.path}`);
  return { kind: 'sent', status: 200, by, source: 'listing', what: directory.path };
}

/** random_index: redirects to one of the directory's files, which one is chance. */
export function randomIndex(journey: Journey): Turn {
  const { state, scope } = journey;
  const rule = scope.settings.randomIndex;
  if (rule === null || !state.uri.endsWith('/') || !['GET', 'HEAD', 'POST'].includes(methodOf(journey))) return ON;
  const directory = openDirectory(journey);
  if (directory.kind !== 'opened') return directory.turn;
  const names = liftedTree(journey)
    .list(directory.real)
    ?.filter((name) => !name.startsWith('.'));
  const kinds = names?.map((name) => kindOf(journey, `${directory.real}/${name}`));
  if (kinds?.includes('fault') === true) return fail(journey, 500, rule, 'random_index could not test an entry of the directory');
  const files = names?.filter((_, at) => kinds?.[at] === 'file');
  const isCertain = kinds !== undefined && !kinds.includes('unknown');
  if (isCertain && files?.length === 0) return ON;
  const [only] = files ?? [];
  if (isCertain && files?.length === 1 && only !== undefined) {
    return {
      kind: 'redirect',
      uri: state.uri + toBytes(only, 'utf8'),
      args: state.args,
      by: pass(journey, rule, `random_index picks ${only}`),
    };
  }
  doubt(journey, rule, 'random_index picks a file by chance', 'which file random_index picks');
  return LOST;
}

/** What random_index takes an entry for. A link that can't be followed for another reason than a missing target is a fault. */
function kindOf(journey: Journey, path: string): 'file' | 'other' | 'fault' | 'unknown' {
  const look = liftedTree(journey).look(path);
  if (look.state !== 'present') return 'unknown';
  if (look.entry.type !== 'symlink') return look.entry.type === 'file' ? 'file' : 'other';
  const found = access(liftedTree(journey), journey.world.worker, path, 'stat');
  if (found.verdict === 'unknown') return 'unknown';
  if (found.verdict === 'refused') return found.obstacle.errno === 'ENOENT' ? 'other' : 'fault';
  return found.entry.type === 'file' ? 'file' : 'other';
}

type Opened = { readonly kind: 'opened'; readonly path: string; readonly real: string } | { readonly kind: 'turn'; readonly turn: Turn };

function openDirectory(journey: Journey): Opened {
  const mapped = mapUri(journey);
  const root = journey.scope.settings.root.directive;
  if (mapped.state === 'impossible') return { kind: 'turn', turn: fail(journey, 500, root, mapped.why) };
  if (mapped.state === 'unknown') return unknown(journey, mapped.missing);
  const bare = mapped.path.length > 1 ? mapped.path.slice(0, -1) : mapped.path;
  const found = reach(journey, bare, 'list');
  if (found.state === 'unknown') return unknown(journey, found.missing);
  if (found.state === 'reached') return { kind: 'opened', path: fromBytes(bare), real: found.real };
  const status = found.errno === 'EACCES' ? 403 : found.errno === 'ELOOP' ? 500 : 404;
  const turn = refuseWith(journey, null, found.says, found.refusal(status, 'list'));
  return turn.kind === 'on' ? { kind: 'opened', path: fromBytes(bare), real: fromBytes(bare) } : { kind: 'turn', turn };
}

function unknown(journey: Journey, missing: string): Opened {
  doubt(journey, journey.scope.settings.root.directive, 'whether the directory can be listed is not known', missing);
  return { kind: 'turn', turn: LOST };
}

/** Nothing produced an answer: 403 for a directory, 404 else (the end of ngx_http_core_content_phase). */
export function nothingFound(journey: Journey, tried: readonly string[]): Turn {
  const { state, scope } = journey;
  if (!state.uri.endsWith('/')) return fail(journey, 404, null, 'no handler found');
  const mapped = mapUri(journey);
  const directory = fromBytes(mapped.state === 'mapped' ? mapped.path : state.uri);
  const { tree, worker } = journey.world;
  const real = reach(journey, mapped.state === 'mapped' ? mapped.path : '/', 'test');
  const names = mapped.state === 'mapped' && real.state === 'reached' ? tree.list(real.real) : null;
  const root = scope.settings.root.directive;
  const refusal = refusalOf('no-index', 403, directory, { directory, tried, names, tryFiles: journey.tried, root });
  const says = `directory index of ${directory} is forbidden: no index file was found and ${worker.user} may not list it without autoindex`;
  const turn = refuseWith(journey, scope.settings.indexDirectives[0] ?? null, says, refusal);
  if (turn.kind !== 'on') return turn;
  return { kind: 'sent', status: 200, by: journey.checks.length - 1, source: 'listing', what: directory };
}
