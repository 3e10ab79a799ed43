import type { Socket } from 'node:net';
import { type Exchange, header, type Question } from '@why403/terms/request';
import { type ProbeFailure, ProbeTrouble } from '../model/failure.ts';
import type { SendPlan } from '../model/plan.ts';
import { composeConnect, composeRequest, connectionTarget, connectTarget } from '../model/wire.ts';
import { connectTo } from './connect.ts';
import { decodeBody } from './decode.ts';
import { exchangeHttp1 } from './http1.ts';
import { exchangeHttp2 } from './http2.ts';
import { secure, type Secured } from './secure.ts';

export type ProbeOutcome =
  | { readonly state: 'answered'; readonly exchange: Exchange }
  | { readonly state: 'failed'; readonly failure: ProbeFailure };

/** Deadlines of one probe; `stop` ends its timers. */
interface Clock {
  readonly whole: AbortSignal;
  readonly connect: AbortSignal;
  stop(): void;
}

function startClock(plan: SendPlan, interrupt: AbortSignal | undefined): Clock {
  const whole = new AbortController();
  const connect = new AbortController();
  const onInterrupt = (): void => {
    connect.abort();
    whole.abort();
  };
  const timers = [setTimeout(onInterrupt, plan.maxTime), setTimeout(() => connect.abort(), plan.connectTimeout)];
  interrupt?.addEventListener('abort', onInterrupt);
  if (interrupt?.aborted === true) onInterrupt();
  return {
    whole: whole.signal,
    connect: connect.signal,
    stop() {
      for (const timer of timers) clearTimeout(timer);
      interrupt?.removeEventListener('abort', onInterrupt);
    },
  };
}

/** Asks the proxy for a tunnel; its own refusal is a failure that carries its answer. */
async function openTunnel(socket: Socket, question: Question, plan: SendPlan, clock: Clock): Promise<void> {
  if (plan.proxy === null || !plan.proxy.isTunnel) return;
  const target = connectTarget(plan.connectTo, question.hostname, question.port);
  const request = composeConnect(target.hostname, target.port, plan.proxy, header(question.headers, 'User-Agent') ?? null);
  // as for HEAD, no body follows what matters here: a 2xx is followed by the tunnel itself (RFC 9112 §6.3)
  const { head } = await exchangeHttp1(socket, [request], 'HEAD', clock.connect);
  if (head.status >= 200 && head.status < 300) return;
  throw new ProbeTrouble(
    'proxy-refused',
    'proxy',
    `The proxy ${plan.proxy.hostname} refused to connect to ${target.hostname}:${target.port} with status ${head.status}.`,
    {
      hint:
        head.status === 407
          ? 'It wants a login: --proxy-user name:password.'
          : 'The refusal is the proxy’s and not the server’s: --noproxy or the proxy’s own rules decide.',
      answer: { status: head.status, headers: head.headers },
      remote: { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 },
    },
  );
}

async function secureProxy(socket: Socket, plan: SendPlan, clock: Clock): Promise<Socket> {
  if (plan.proxy?.scheme !== 'https') return socket;
  // the client certificate is for the server and not for the proxy
  const tls = { ...plan.tls, certificate: null, key: null, passphrase: null };
  return (await secure(socket, plan.proxy.hostname, tls, ['http/1.1'], clock.connect)).socket;
}

async function secureServer(socket: Socket, question: Question, plan: SendPlan, clock: Clock): Promise<Secured | null> {
  if (question.scheme === 'http') return null;
  const protocols = question.httpVersion === '2' ? ['h2', 'http/1.1'] : ['http/1.1'];
  return secure(socket, question.hostname, plan.tls, question.httpVersion === '1.0' ? [] : protocols, clock.connect);
}

async function converse(
  question: Question,
  plan: SendPlan,
  addresses: readonly string[],
  clock: Clock,
  now: () => number,
): Promise<Exchange> {
  const { port } = connectionTarget(question, plan);
  const socket = await connectTo(addresses, port, clock.connect);
  try {
    const local = { address: socket.localAddress ?? '', port: socket.localPort ?? 0 };
    const remote = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
    const hop = await secureProxy(socket, plan, clock);
    await openTunnel(hop, question, plan, clock);
    const secured = await secureServer(hop, question, plan, clock);
    const stream = secured?.socket ?? hop;
    const isHttp2 = question.httpVersion === '2' && (secured === null || secured.application === 'h2');
    const asked: Question = question.httpVersion === '2' && !isHttp2 ? { ...question, httpVersion: '1.1' } : question;
    const sentAt = now();
    const answer = isHttp2
      ? await exchangeHttp2(stream, asked, plan.body, clock.whole)
      : await exchangeHttp1(stream, composeRequest(asked, plan.body, plan.proxy), asked.method, clock.whole);
    const receivedAt = now();
    const body = await decodeBody(answer.body, header(answer.head.headers, 'Content-Encoding'));
    return {
      question: asked,
      mark: plan.mark,
      sentAt,
      receivedAt,
      local,
      remote,
      status: answer.head.status,
      reason: answer.head.reason,
      headers: answer.head.headers,
      body: Buffer.from(body).toString('latin1'),
      tls: secured === null ? null : { protocol: secured.protocol, authorized: secured.isAuthorized, problem: secured.problem },
    };
  } finally {
    socket.destroy();
  }
}

/**
 * Sends one request exactly as asked to the first of `addresses` that answers, and returns what came back
 * or why nothing did. Never follows a redirect, never sends twice, keeps at most 64 KiB of the body, and is
 * over after the plan's time whatever the server does. `addresses` are those of `connectionTarget`.
 */
export async function probe(
  question: Question,
  plan: SendPlan,
  addresses: readonly string[],
  options: { readonly now?: () => number; readonly signal?: AbortSignal } = {},
): Promise<ProbeOutcome> {
  const clock = startClock(plan, options.signal);
  try {
    return { state: 'answered', exchange: await converse(question, plan, addresses, clock, options.now ?? Date.now) };
  } catch (error) {
    if (error instanceof ProbeTrouble) return { state: 'failed', failure: error.failure };
    throw error;
  } finally {
    clock.stop();
  }
}
