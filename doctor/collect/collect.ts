import type { Gathering, House, LayerReport, Listener, Scene, Visit } from '@why403/terms/house';
import type { Redactor } from '@why403/terms/redaction';
import type { Exchange, Question } from '@why403/terms/request';
import type { Ports } from './ports.ts';

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
  readonly visits: readonly Visited[];
  readonly layers: readonly LayerReport[];
  readonly notes: readonly string[];
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
  const seen = destination?.here === true ? await firstListener(destination.addresses, question.port, ports) : null;
  notes.push(...(seen?.blind ?? []));
  const addresses = seen?.listener == null ? (destination?.addresses ?? []) : [seen.address];
  const scene: Scene = { question, flags, listener: seen?.listener ?? null, address: addresses[0] ?? null, now: ports.now, redactor };
  const visits = await visitAll(scene, ports.houses);
  if (errand.unsent !== null) notes.push(errand.unsent);
  let exchange: Exchange | null = null;
  let unreachable: string | null = null;
  if (errand.unsent === null) {
    if (addresses.length === 0) unreachable = destination?.why ?? `${question.hostname} does not resolve`;
    else {
      const sent = await ports.send(question, addresses);
      layers.push(...sent.layers);
      if (sent.state === 'answered') exchange = sent.exchange;
      else unreachable = sent.says;
    }
  }
  if (visits.length === 0 && unreachable === null) notes.push(nothingSeen(scene, destination?.here === true));
  const visited: Visited[] = [];
  for (const visit of visits) visited.push({ visit, gathering: await visit.gather(exchange) });
  for (const { gathering } of visited) {
    layers.push(...gathering.layers);
    notes.push(...gathering.blind);
  }
  return { exchange, unreachable, visits: visited, layers, notes };
}

/** A name such as localhost has several addresses, and a server may listen on one of them only. */
async function firstListener(
  addresses: readonly string[],
  port: number,
  ports: Ports,
): Promise<{ readonly listener: Listener | null; readonly address: string; readonly blind: readonly string[] } | null> {
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
async function visitAll(scene: Scene, houses: readonly (() => Promise<House>)[]): Promise<readonly Visit[]> {
  for (const load of houses) {
    const visit = await (await load()).visit(scene);
    if (visit !== null) return [visit];
  }
  return [];
}

function nothingSeen({ listener, question }: Scene, here: boolean): string {
  if (!here) return `${question.hostname} is not this machine: without its configuration and logs only the answer itself can be read`;
  if (listener === null) return `which process listens on port ${question.port} could not be seen`;
  return `the server on port ${question.port} (${listener.executable ?? `process ${listener.pid}`}) is of a kind that why403 does not know yet`;
}
