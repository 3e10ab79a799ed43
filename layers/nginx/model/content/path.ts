import { access } from '@why403/filesystem';
import { fullName } from '../syntax/prefix.ts';
import type { Journey } from '../journey.ts';
import { placeKey } from '../location/scope.ts';
import type { Root } from '../settings/settings.ts';
import { fromBytes, toBytes } from '../values/bytes.ts';
import { expand } from '../values/expand.ts';
import { known, missing, type Text } from '../values/state.ts';

/** Where a URI leads in the file system, as bytes. */
export type Mapped =
  | { readonly state: 'mapped'; readonly path: string; readonly rootLength: number; readonly replaces: number | 'whole' }
  | { readonly state: 'impossible'; readonly why: string }
  | { readonly state: 'unknown'; readonly missing: string };

/** The root or alias in force, also in the middle of a script where an `if` has just taken over. */
function rootInForce({ scope, state }: Journey): Root {
  const { location } = state;
  const inner = location === null || location === scope.directive ? undefined : scope.ifs.get(placeKey(location));
  return (inner ?? scope).settings.root;
}

/** ngx_http_map_uri_to_path. */
export function mapUri(journey: Journey, uri = journey.state.uri): Mapped {
  const root = rootInForce(journey);
  const { replaces } = root;
  if (replaces !== 0 && journey.state.isLocationStale) {
    return { state: 'impossible', why: 'alias cannot be used where the URI was rewritten with break' };
  }
  const base = rootOf(journey);
  if (!base.known) return { state: 'unknown', missing: base.missing };
  if (replaces === 'whole') {
    const path = journey.isUriAddedToAlias ? base.value + uri : base.value;
    return { state: 'mapped', path, rootLength: base.value.length, replaces };
  }
  return { state: 'mapped', path: base.value + uri.slice(replaces), rootLength: base.value.length, replaces };
}

/** `$document_root`: the value of root or alias in force. */
export function rootOf(journey: Journey): Text {
  const root = rootInForce(journey);
  const text = expand(root.text, journey.state);
  if (!text.known || !root.isComputed || text.value.startsWith('/')) return text;
  // A computed name is completed only now (ngx_get_full_name in ngx_http_map_uri_to_path).
  const { configuration } = journey.plan;
  return known(
    fullName({ main: configuration.main, prefix: toBytes(configuration.prefix, 'utf8') }, text.value, 'prefix'),
    text.provenance,
  );
}

/** `$realpath_root`: the same with every link resolved. */
export function realRootOf(journey: Journey): Text {
  const root = rootOf(journey);
  if (!root.known) return root;
  const found = access(journey.world.tree, journey.world.worker, fromBytes(root.value), 'stat');
  if (found.verdict === 'granted') return known(toBytes(found.real, 'utf8'), root.provenance);
  return missing(found.verdict === 'unknown' ? found.missing : `the real path of ${fromBytes(root.value)}`);
}

/** `$request_filename`. */
export function filenameOf(journey: Journey): Text {
  const mapped = mapUri(journey);
  if (mapped.state === 'mapped') return known(mapped.path);
  return missing(mapped.state === 'unknown' ? mapped.missing : mapped.why);
}
