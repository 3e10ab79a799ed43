import type { Gathering, House, LayerReport, Listener, Scene, Unseen, Visit } from '@why403/terms/house';
import type { Redactor } from '@why403/terms/redaction';
import type { Exchange, Question } from '@why403/terms/request';
import type { Destination, Ports } from './ports.ts';

/** What the doctor was asked to do, beside the question itself. */
export interface Errand {
  readonly question: Question;
  /** Values of every evidence flag, by name with dashes. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  /** Null: the request is sent. Else why it isn't. */
  readonly unsent: string | null;
  /** Sentences about how the question was read. */
  readonly notes: readonly string[];
}

export interface Case {
  readonly exchange: Exchange | null;
  readonly unreachable: string | null;
  /** Whether the server took the connection and ended it without a word: some refuse so. */
  readonly wasClosed: boolean;
  readonly visits: readonly Visited[];
  readonly layers: readonly LayerReport[];
  readonly notes: readonly string[];
  /** What would settle it where no house could look; null when one did. */
  readonly settle: string | null;
}

export interface Visited {
  readonly visit: Visit;
  readonly gathering: Gathering;
}

/**
 * Gathers everything for one question. Houses are visited before the request is sent, so that they know
 * where their logs ended, and gather after it.
 */
export async function collect(errand: Errand, redactor: Redactor, ports: Ports): Promise<Case> {
  const { question, flags } = errand;
  const destination = errand.unsent === null || flags.size === 0 ? await ports.resolve(question) : null;
  const layers: LayerReport[] = destination === null ? [] : [destination.layer];
  const notes: string[] = [...errand.notes];
  const seen = destination === null ? null : await lookFor(destination, ports);
  notes.push(...(seen?.blind ?? []));
  const addresses = seen?.listener == null ? (destination?.addresses ?? []) : [seen.address];
  const scene: Scene = { question, flags, listener: seen?.listener ?? null, address: addresses[0] ?? null, now: ports.now, redactor };
  const { visits, unseen } = await visitAll(scene, ports.houses);
  if (errand.unsent !== null) notes.push(errand.unsent);
  let exchange: Exchange | null = null;
  let unreachable: string | null = null;
  let wasClosed = false;
  if (errand.unsent === null) {
    if (addresses.length === 0) unreachable = destination?.why ?? `${question.hostname} does not resolve`;
    else {
      const sent = await ports.send(question, addresses);
      layers.push(...sent.layers);
      if (sent.state === 'answered') exchange = sent.exchange;
      else {
        unreachable = sent.says;
        wasClosed = sent.wasClosed;
      }
    }
  }
  const nothing = visits.length > 0 || unreachable !== null ? null : (unseen ?? nothingSeen(scene, destination, seen !== null));
  if (nothing !== null) {
    notes.push(...nothing.unseen);
    layers.push({ layer: 'server', verdict: 'undetermined', missing: [nothing.settle] });
  }
  const visited: Visited[] = [];
  for (const visit of visits) visited.push({ visit, gathering: await visit.gather(exchange) });
  for (const { gathering } of visited) {
    // What the model thinks of a request that never arrived is no verdict on it.
    if (unreachable === null) layers.push(...gathering.layers);
    notes.push(...gathering.blind);
  }
  return { exchange, unreachable, wasClosed, visits: visited, layers, notes, settle: nothing?.settle ?? null };
}

type Sight = { readonly listener: Listener | null; readonly address: string; readonly blind: readonly string[] };

/**
 * The process that answers there. An address that isn't this machine's own may be that of a container on it,
 * which lives in a network namespace of its own; where it isn't, nothing is known and nothing is said.
 */
async function lookFor(destination: Destination, ports: Ports): Promise<Sight | null> {
  if (!destination.isDirect) return null;
  const seen = await firstListener(destination.addresses, destination.port, ports);
  if (destination.here || seen === null) return seen;
  if (seen.listener?.elsewhere.network !== true) return null;
  const note = `${seen.address} belongs to another network namespace of this machine, such as a container's: process ${seen.listener.pid} answers there`;
  return { ...seen, blind: [note, ...seen.blind] };
}

/** A name such as localhost has several addresses, and a server may listen on one of them only. */
async function firstListener(addresses: readonly string[], port: number, ports: Ports): Promise<Sight | null> {
  const blind: string[] = [];
  for (const address of addresses) {
    const seen = await ports.listenerAt(address, port);
    if (seen.listener !== null) return { listener: seen.listener, address, blind: [...seen.notes, ...seen.blind] };
    blind.push(...seen.blind);
  }
  const [address] = addresses;
  return address === undefined ? null : { listener: null, address, blind: [...new Set(blind)] };
}

/** The first house to claim the scene is the hop nearest the client; one listener is one server. */
async function visitAll(
  scene: Scene,
  houses: readonly (() => Promise<House>)[],
): Promise<{ readonly visits: readonly Visit[]; readonly unseen: Unseen | null }> {
  for (const load of houses) {
    const visit = await (await load()).visit(scene);
    if (visit === null) continue;
    return 'unseen' in visit ? { visits: [], unseen: visit } : { visits: [visit], unseen: null };
  }
  return { visits: [], unseen: null };
}

function nothingSeen({ listener, question, flags }: Scene, destination: Destination | null, isOnThisMachine: boolean): Unseen {
  const answer = (sentence: string, settle: string): Unseen => ({ product: '', unseen: [sentence], settle });
  if (destination === null) {
    const names = [...flags].map(([name, values]) => `${name} ${values.join(' ')}`.trim()).join(', ');
    return answer(
      `no server that why403 knows is in the evidence (${names}): nothing can be said about what it would answer`,
      'the configuration of the server that refuses: name its main file, or a folder that holds the files of its machine as they lie there',
    );
  }
  if (!isOnThisMachine) {
    return answer(
      `${question.hostname} is not this machine: without its configuration and logs only the answer itself can be read`,
      'a run on the machine that answers there, or copies of its configuration and logs',
    );
  }
  if (listener === null) {
    return answer(
      `without the process that listens on port ${destination.port}, neither its configuration nor its logs could be found`,
      'a run as root, which sees every process, or the name of the configuration file',
    );
  }
  const program = listener.executable ?? 'a program that could not be seen';
  return answer(
    `the server on port ${destination.port} (${program}, process ${listener.pid}) is of a kind that why403 does not know: only its answer can be read`,
    `what the log of process ${listener.pid} (${program}) says about this request: the program itself decided, or what it asked`,
  );
}
