import { connectionTarget, probe, type ProbeFailure, type SendPlan } from '@why403/client';
import { dnsReport, resolveHost } from '@why403/dns';
import { findListener } from '@why403/server';
import type { HouseEntry, LayerReport } from '@why403/terms/house';
import type { Exchange, Question } from '@why403/terms/request';
import type { Destination, Ports, Sent } from './ports.ts';

/** The doctor's hands on this machine, for one way of sending. */
export function portsFor(plan: SendPlan, houses: readonly HouseEntry[], signal: AbortSignal): Ports {
  return {
    resolve: (question) => resolve(question, plan),
    listenerAt: async (address, port) => findListener(address, port),
    send: (question, addresses) => send(question, plan, addresses, signal),
    houses: houses.map((entry) => async () => (await entry.load()).house),
    now: Date.now,
  };
}

async function resolve(question: Question, plan: SendPlan): Promise<Destination> {
  const { hostname, port } = connectionTarget(question, plan);
  const resolution = await resolveHost(hostname, port, { overrides: plan.overrides, family: plan.family });
  const layer = dnsReport(resolution);
  const isDirect = plan.proxy === null;
  if (resolution.state === 'failed') return { addresses: [], here: false, isDirect, port, layer, why: resolution.says };
  // Behind a proxy the name is the proxy's to resolve: its address says nothing about the server.
  const here = resolution.isHere && isDirect;
  return { addresses: resolution.addresses.map((one) => one.address), here, isDirect, port, layer, why: null };
}

async function send(question: Question, plan: SendPlan, addresses: readonly string[], signal: AbortSignal): Promise<Sent> {
  const outcome = await probe(question, plan, addresses, { signal });
  signal.throwIfAborted();
  if (outcome.state === 'answered')
    return { state: 'answered', exchange: outcome.exchange, layers: [tlsReport(question, outcome.exchange)] };
  return {
    state: 'failed',
    says: saysOf(outcome.failure),
    wasClosed: outcome.failure.kind === 'closed' || outcome.failure.kind === 'reset',
    layers: failedLayers(question, outcome.failure),
  };
}

function saysOf({ says, hint }: ProbeFailure): string {
  return hint === null ? says : `${says} ${hint}`;
}

function tlsReport(question: Question, exchange: Exchange): LayerReport {
  if (question.scheme === 'http') return { layer: 'tls', verdict: 'not-present' };
  const problem = exchange.tls?.problem ?? null;
  return problem === null
    ? { layer: 'tls', verdict: 'passed' }
    : {
        layer: 'tls',
        verdict: 'undetermined',
        missing: [`the certificate is not trusted (${problem}), and the request went on because it was told to`],
      };
}

function failedLayers(question: Question, failure: ProbeFailure): readonly LayerReport[] {
  if (question.scheme === 'http') return [{ layer: 'tls', verdict: 'not-present' }];
  return [
    failure.phase === 'tls'
      ? { layer: 'tls', verdict: 'refused' }
      : { layer: 'tls', verdict: 'not-checked', missing: ['the connection did not get as far as TLS'] },
  ];
}
