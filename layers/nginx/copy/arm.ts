import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Directive } from '../model/syntax/index.ts';
import type { ModelRequest } from '../model/trace.ts';
import { ask, type Reply } from './ask.ts';
import { freePort } from './free-port.ts';
import { type Endpoint, type NginxInstance, startNginx } from './instance.ts';
import type { Patched } from './patch.ts';
import type { CopyEndpoint, CopyPlan } from './copy-plan.ts';
import { type Rewritten, rewrite } from './rewrite.ts';
import type { Route, Router } from './route.ts';
import type { ListenFacts } from './sockets.ts';
import type { Trial } from './trial.ts';
import { makePassage } from './workspace.ts';

/** One request of a trial, as it reaches the server. */
export interface Asked {
  readonly request: ModelRequest;
  readonly bodyLength: number;
  /** The client's address after realip, under this arm's configuration. */
  readonly client: string | null;
}

/** One side of a trial: the server as it is, or with the fix. */
export interface ArmSpec {
  readonly trial: Trial;
  readonly patched: Patched;
  readonly router: Router;
  readonly listening: ListenFacts;
  readonly asked: readonly Asked[];
  /** A folder of its own that does not exist yet; others can't list what holds it. */
  readonly directory: string;
  readonly tree: string;
  readonly certificate: string;
  readonly globals: readonly Directive[];
  readonly user: CopyPlan['user'];
  readonly signal: AbortSignal;
}

export type Begun = { readonly ok: Arm } | { readonly refused: string } | { readonly blockers: readonly string[] };

/** Another process may take a port between finding it free and listening on it. */
const ATTEMPTS = 4;
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'POST', 'CONNECT']);

/** Running copies of one configuration: usually one, two when clients must be resolved in two ways. */
export class Arm {
  readonly rewritten: readonly Rewritten[];
  readonly unasked: readonly string[];
  readonly #spec: ArmSpec;
  readonly #runs: readonly Run[];
  #read = new Map<string, number>();

  private constructor(spec: ArmSpec, runs: readonly Run[], unasked: readonly string[]) {
    this.#spec = spec;
    this.#runs = runs;
    this.rewritten = runs.map((run) => run.rewritten);
    this.unasked = unasked;
  }

  static async begin(spec: ArmSpec): Promise<Begun> {
    const routes = spec.asked.map(({ request, client }) => spec.router.route(request, client));
    makePassage(spec.directory);
    const ways = [...new Set(routes.map((route) => route.way))].filter((way) => way !== 'none');
    // Without realip settings of the site's own, one server hears both from peers and of clients.
    const groups = spec.router.hasRealip ? ways.map((way) => [way]) : [ways];
    const begun = await Promise.allSettled(groups.filter((group) => group.length > 0).map((group) => startRun(spec, routes, group)));
    const runs = begun.flatMap((one) => (one.status === 'fulfilled' && 'nginx' in one.value ? [one.value] : []));
    const arm = new Arm(spec, runs, [...new Set(routes.flatMap((route) => (route.way === 'none' ? [route.why] : [])))]);
    if (runs.length === begun.length) return { ok: arm };
    await arm.stop();
    for (const one of begun) {
      if (one.status === 'rejected') throw one.reason;
      if (!('nginx' in one.value)) return one.value;
    }
    return { blockers: ['no copy could be started'] };
  }

  /** Asks everything: what changes nothing all at once, then the rest one by one. */
  async askAll(): Promise<readonly (Reply | null)[]> {
    const { asked } = this.#spec;
    const replies: (Reply | null)[] = asked.map(() => null);
    const isSafe = (at: number): boolean => SAFE.has(asked[at]?.request.method ?? '');
    const all = asked.map((_one, at) => at);
    const one = async (at: number): Promise<void> => {
      replies[at] = await this.#ask(at);
    };
    await Promise.all(all.filter(isSafe).map(one));
    for (const at of all.filter((at) => !isSafe(at))) await one(at);
    this.#spec.signal.throwIfAborted();
    return replies;
  }

  /** Paths of the server that the copies have looked for since the last call, by their own logs. */
  lookedFor(): readonly string[] {
    const { tree } = this.#spec;
    const found = new Set<string>();
    for (const { errorLog } of this.#runs) {
      const from = this.#read.get(errorLog) ?? 0;
      const bytes = readFileSync(errorLog);
      this.#read.set(errorLog, bytes.length);
      const text = bytes.toString('utf8', from);
      for (let at = text.indexOf(`"${tree}/`); at >= 0; at = text.indexOf(`"${tree}/`, at + 1)) {
        const end = text.indexOf('"', at + 1);
        // Some of nginx's lines count the NUL that ends the path.
        if (end > 0) found.add(text.slice(at + 1 + tree.length, end).replace(/\0.*$/s, ''));
      }
    }
    return [...found];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#runs.map(({ nginx }) => nginx.stop()));
  }

  async #ask(at: number): Promise<Reply | null> {
    const asked = this.#spec.asked[at];
    for (const run of this.#runs) {
      const route = run.routes[at];
      if (asked === undefined || route === undefined || route.way === 'none') continue;
      const endpoint = run.endpoints.get(`${route.way} ${route.socket.key}`);
      if (endpoint === undefined) continue;
      const how = route.way === 'plain' ? { from: route.from } : { told: route.told };
      return ask(asked.request, { endpoint, ...how, bodyLength: asked.bodyLength, signal: this.#spec.signal });
    }
    return null;
  }
}

interface Run {
  readonly nginx: NginxInstance;
  readonly rewritten: Rewritten;
  readonly routes: readonly Route[];
  /** By way and key of the real socket. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly errorLog: string;
}

async function startRun(
  spec: ArmSpec,
  routes: readonly Route[],
  ways: readonly Route['way'][],
): Promise<Run | Exclude<Begun, { ok: Arm }>> {
  const directory = join(spec.directory, ways.join('-'));
  const own = join(directory, 'own');
  makePassage(directory);
  // Configuration and log may hold secrets; the worker gets the log from its master, already open.
  mkdirSync(own, { mode: 0o700 });
  const errorLog = join(own, 'error.log');
  const configPath = join(own, 'nginx.conf');
  const { server } = spec.trial;
  for (let attempt = 1; ; attempt += 1) {
    // A start that failed leaves its sockets behind, on which nobody can listen again.
    const sockets = join(directory, `s${attempt}`);
    makePassage(sockets);
    const { endpoints, listens } = await allot(spec, routes, ways, sockets);
    const rewritten = rewrite({
      configuration: spec.patched.configuration,
      globals: spec.globals,
      directory,
      tree: spec.tree,
      sockets,
      endpoints: listens,
      clientAddress: spec.router.hasRealip && ways.includes('plain') ? 'own' : ways.includes('told') ? 'told' : 'peer',
      user: spec.user,
      listening: spec.listening,
      build: server.build,
      certificate: spec.certificate,
      errorLog,
      // Only at this level nginx names every file it looks for; it needs to be built for it.
      logLevel: server.build?.includes('--with-debug') === true ? 'debug' : 'info',
      isReadable,
      upstream: (directive) => statusOr(200, originally(spec, directive, spec.trial.stubs.upstream)),
      authRequest: (directive) => originally(spec, directive, spec.trial.stubs.authRequest),
    });
    if (rewritten.blockers.length > 0) return { blockers: rewritten.blockers };
    writeFileSync(configPath, rewritten.text, { encoding: 'latin1', mode: 0o600 });
    // The caller has checked that there is a binary.
    const binary = server.binary ?? 'nginx';
    const started = await startNginx({
      binary,
      version: server.version,
      directory,
      configPath,
      errorLog,
      ready: [...endpoints.values()],
      signal: spec.signal,
    });
    if (started.state === 'running') return { nginx: started.nginx, rewritten, routes, endpoints, errorLog };
    const isTaken = started.output.includes('Address already in use');
    if (!isTaken) return { refused: saidBy(started.output, configPath) };
    if (attempt === ATTEMPTS) return { blockers: ['no port of loopback stayed free long enough for a copy'] };
  }
}

/** A place on loopback for each listener that is asked. */
async function allot(spec: ArmSpec, routes: readonly Route[], ways: readonly Route['way'][], sockets: string) {
  const endpoints = new Map<string, Endpoint>();
  const listens = new Map<string, CopyEndpoint>();
  for (const [at, route] of routes.entries()) {
    if (route.way === 'none' || !ways.includes(route.way) || endpoints.has(`${route.way} ${route.socket.key}`)) continue;
    const { key, family, port } = route.socket;
    const before = listens.get(key) ?? { address: spec.asked[at]?.request.local.address ?? '', port };
    if (route.way === 'told') {
      const path = join(sockets, `t${endpoints.size}`);
      endpoints.set(`told ${key}`, { path });
      listens.set(key, { ...before, proxied: `unix:${path}` });
      continue;
    }
    const host = family === 'v6' ? '::1' : '127.0.0.1';
    const free = await freePort(host);
    if (free === null) continue;
    endpoints.set(`plain ${key}`, { host, port: free });
    listens.set(key, { ...before, plain: family === 'v6' ? `[::1]:${free}` : `127.0.0.1:${free}` });
  }
  return { endpoints, listens };
}

/** What the caller knows of a directive, which it knows as it stood before the fix. */
function originally(spec: ArmSpec, directive: Directive, look: (directive: Directive) => number | null): number | null {
  const status = look(spec.patched.origin(directive) ?? directive);
  return status === null ? null : statusOr(200, status);
}

/** Only what `return` can answer with (ngx_http_rewrite_return). */
function statusOr(otherwise: number, status: number | null): number {
  return status === null || !Number.isInteger(status) || status < 200 || status > 599 ? otherwise : status;
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** nginx's own words, without the time and without the place in a file that the reader doesn't have. */
function saidBy(output: string, configPath: string): string {
  const line = /\[emerg\] (?:\d+#\d+: )?(.*)/.exec(output)?.[1] ?? output.trim().split('\n')[0] ?? '';
  return line.replace(` in ${configPath}`, '').replace(/:\d+$/, '').slice(0, 400);
}
