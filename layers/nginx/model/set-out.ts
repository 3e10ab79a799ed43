import { filenameOf, realRootOf, rootOf } from './content/path.ts';
import { testFile } from './content/reach.ts';
import type { Journey } from './journey.ts';
import { createState } from './values/state.ts';

/** What a journey can't do without. */
export type Baggage = Pick<Journey, 'plan' | 'request' | 'world' | 'lift' | 'group' | 'server'>;

/** A request at the door of a server, before anything was looked at. */
export function setOut(baggage: Baggage, target: { readonly uri: string; readonly args: string }): Journey {
  const { server } = baggage;
  const state = createState({
    request: baggage.request,
    world: baggage.world,
    definitions: baggage.plan.definitions,
    uri: target.uri,
    args: target.args,
    server: server.directive,
    host: null,
    documentRoot: () => rootOf(journey),
    realpathRoot: () => realRootOf(journey),
    filename: () => filenameOf(journey),
    testFile: (path) => testFile(journey, path),
  });
  const journey: Journey = {
    ...baggage,
    checks: [],
    doubts: [],
    locations: [],
    state,
    how: 'default',
    client: {
      address: state.client,
      peer: state.peer,
      chain: [{ address: state.peer, says: 'the other end of the connection', directive: null }],
    },
    scope: server.scope,
    handler: null,
    phase: 'accept',
    round: 0,
    // NGX_HTTP_MAX_URI_CHANGES + 1
    changesLeft: 11,
    isErrorPage: false,
    errorStatus: 0,
    isUriAddedToAlias: false,
    isSubrequest: false,
    accessCode: null,
    isClientKnown: true,
    isClientReplaced: false,
    hasCountedRequests: false,
    hasCountedConnections: false,
    masked: null,
    entity: null,
    tried: null,
  };
  return journey;
}

/** A sub-request of the same connection: variables are shared (`sr->variables = r->variables`), the rest starts anew. */
export function setOutFrom(main: Journey, uri: string): Journey {
  const fresh = setOut(main, { uri, args: '' });
  const { assigned, method, client, clientPort, host } = main.state;
  Object.assign(fresh.state, { assigned, method, client, clientPort, host, isInternal: true });
  const { round, isClientKnown, isClientReplaced, hasCountedRequests, hasCountedConnections } = main;
  return Object.assign(fresh, {
    isSubrequest: true,
    client: main.client,
    round,
    isClientKnown,
    isClientReplaced,
    hasCountedRequests,
    hasCountedConnections,
  });
}
