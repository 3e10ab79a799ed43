import type { Entry } from '@why403/filesystem';
import type { ModelRequest, Provenance, World } from '../trace.ts';
import type { Directive } from '../syntax/ast.ts';
import type { Definitions } from './define.ts';
import { pathOf } from './target.ts';

/**
 * What an expression comes to. Values are bytes as text: one UTF-16 unit from 0 to 255 per byte, as nginx
 * sees them. `provenance` names every variable that took part, innermost last.
 */
export type Text =
  | { readonly known: true; readonly value: string; readonly provenance: readonly Provenance[] }
  | { readonly known: false; readonly missing: string };

/**
 * What nginx knows of a request at one moment. The walk owns it and moves `server`, `location`, `uri`, …
 * as it goes; scripts and pattern matches write to it as well. Make one with `createState`.
 */
export interface State {
  /** Its header fields are those that nginx kept: `ignore_invalid_headers`, `underscores_in_headers`. */
  readonly request: ModelRequest;
  readonly world: World;
  readonly definitions: Definitions;
  /** Decoded and normalized, as bytes. */
  uri: string;
  /** Without the question mark; as sent. */
  args: string;
  /** The method now: an error_page redirect turns POST into GET. */
  method: string;
  /** The client's address after realip. */
  client: string;
  /** Why the client's address is not known, when realip's source is out of sight. */
  clientMissing: string | null;
  /** The client's port after realip; null when unknown. */
  clientPort: number | null;
  /** The socket's other end. */
  readonly peer: string;
  server: Directive | null;
  /** The location in force (or the `if` block inside it whose configuration took over); null in a server. */
  location: Directive | null;
  /** The URI held `%` or `+` as sent: the rewrite module then escapes groups in arguments and redirects. */
  readonly hasEscapes: boolean;
  /** Rewritten or redirected inside nginx: `internal` locations are open to it. */
  isInternal: boolean;
  /** A `rewrite … break` changed the URI after the location was found: `alias` then answers 500. The walk resets it. */
  isLocationStale: boolean;
  /** The status of the response under way; null before there is one. */
  status: number | null;
  /** The Host as nginx validated it (lower case, no port), or null when the request brought none. */
  host: string | null;
  /** Groups of the last regular expression that matched; 0 is the whole match. */
  captures: readonly (string | undefined)[];
  /** Where the text came from that those groups were cut from. */
  capturesFrom: readonly Provenance[];
  /** Variables with a value: set by `set`, named groups, or computed once and kept as nginx does. */
  readonly assigned: Map<string, Text>;
  /** `$document_root`, `$realpath_root` and `$request_filename` of the location in force. */
  readonly documentRoot: () => Text;
  readonly realpathRoot: () => Text;
  readonly filename: () => Text;
  /** The walk's own way to stat a path (bytes) as the worker, under `disable_symlinks` and with obstacles lifted. */
  readonly testFile?: (path: string) => Tested;
}

/** What a stat comes to. Whatever keeps the worker from a path makes it absent. */
export type Tested =
  | { readonly state: 'present'; readonly entry: Entry }
  | { readonly state: 'absent' }
  | { readonly state: 'unknown'; readonly missing: string };

/** What the walk must bring to begin. */
export type Beginning = Pick<
  State,
  'request' | 'world' | 'definitions' | 'uri' | 'args' | 'server' | 'host' | 'documentRoot' | 'realpathRoot' | 'filename' | 'testFile'
>;

/** A request before realip and before any script has run. */
export function createState(beginning: Beginning): State {
  const { request } = beginning;
  return {
    ...beginning,
    method: request.method,
    client: request.peer.address,
    clientMissing: null,
    clientPort: request.peer.port,
    peer: request.peer.address,
    location: null,
    hasEscapes: /[%+]/.test(pathOf(request.target)),
    isInternal: false,
    isLocationStale: false,
    status: null,
    captures: [],
    capturesFrom: [],
    assigned: new Map(),
  };
}

export function known(value: string, provenance: readonly Provenance[] = []): Text {
  return { known: true, value, provenance };
}

export function missing(what: string): Extract<Text, { known: false }> {
  return { known: false, missing: what };
}

/** Where a text came from; nothing for one that is not known. */
export function provenanceOf(text: Text): readonly Provenance[] {
  return text.known ? text.provenance : [];
}
