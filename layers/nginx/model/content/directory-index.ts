import { doubt, fail, type Journey, LOST, methodOf, ON, pass, refuseWith, type Turn } from '../journey.ts';
import { fromBytes } from '../values/bytes.ts';
import { expand } from '../values/expand.ts';
import { mapUri } from './path.ts';
import { reach, type Reached } from './reach.ts';

/**
 * The index module: for a URI that ends in a slash, tests each name and redirects inside nginx to the first
 * that exists. `tried` collects the paths it looked at.
 */
export function directoryIndex(journey: Journey, tried: string[]): Turn {
  const { state, scope } = journey;
  if (!isListable(journey)) return ON;
  const names = scope.settings.index;
  const rule = scope.settings.indexDirectives[0] ?? null;
  let isDirectoryTested = false;
  for (const name of names) {
    const text = expand(name, state);
    if (!text.known) {
      doubt(journey, rule, `the index name ${fromBytes(name.source)} can't be told`, text.missing);
      return LOST;
    }
    if (text.value.startsWith('/')) {
      const by = pass(journey, rule, `index leads to ${fromBytes(text.value)}`);
      return { kind: 'redirect', uri: text.value, args: state.args, by };
    }
    const mapped = mapUri(journey);
    if (mapped.state === 'impossible') return fail(journey, 500, scope.settings.root.directive, mapped.why);
    if (mapped.state === 'unknown') return unknownPath(journey, mapped.missing);
    const path = mapped.path + text.value;
    tried.push(fromBytes(path));
    const found = reach(journey, path, 'test');
    if (found.state === 'unknown') return unknownPath(journey, found.missing);
    if (found.state === 'reached') {
      const by = pass(journey, rule, `index: ${fromBytes(path)} exists`);
      return { kind: 'redirect', uri: state.uri + text.value, args: state.args, by };
    }
    const turn = judge(journey, found, mapped.path, isDirectoryTested);
    if (turn.kind !== 'on') return turn;
    isDirectoryTested = true;
  }
  return ON;
}

function isListable(journey: Journey): boolean {
  const method = methodOf(journey);
  return journey.state.uri.endsWith('/') && (method === 'GET' || method === 'HEAD' || method === 'POST');
}

function unknownPath(journey: Journey, missing: string): Turn {
  doubt(journey, journey.scope.settings.root.directive, 'whether an index file exists is not known', missing);
  return LOST;
}

/** What an index file that can't be reached means: 403, 404, or on to the next name. */
function judge(journey: Journey, found: Extract<Reached, { state: 'blocked' }>, directory: string, isDirectoryTested: boolean): Turn {
  if (found.errno === 'ELOOP' || found.errno === 'EACCES') return refuseWith(journey, null, found.says, found.refusal(403, 'index'));
  if (found.errno !== 'ENOENT') return refuseWith(journey, null, found.says, found.refusal(404, 'index'));
  return isDirectoryTested ? ON : testDirectory(journey, directory);
}

/** ngx_http_index_test_dir, after the first name that doesn't exist. */
function testDirectory(journey: Journey, directory: string): Turn {
  const bare = directory.endsWith('/') && directory.length > 1 ? directory.slice(0, -1) : directory;
  const found = reach(journey, bare, 'test');
  if (found.state === 'unknown') return unknownPath(journey, found.missing);
  if (found.state === 'reached') {
    return found.entry.type === 'directory'
      ? ON
      : fail(journey, 500, journey.scope.settings.root.directive, `${fromBytes(bare)} is not a directory`);
  }
  if (found.errno === 'EACCES') return ON;
  const status = found.errno === 'ELOOP' ? 403 : found.errno === 'ENOENT' ? 404 : 500;
  return refuseWith(journey, null, found.says, found.refusal(status, 'index'));
}
