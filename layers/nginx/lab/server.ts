/**
 * A real nginx on loopback, in a folder of its own, for every lab: the judge of what the model says.
 *
 * A case of a cause needs little more than this:
 * ```ts
 * await using lab = await startLab({
 *   tree: { 'private/index.html': { type: 'file', text: 'secret', mode: 0o600 } },
 *   http: ({ root, port }) => `server { listen 127.0.0.1:${port(0)}; root ${root}; }`,
 * });
 * const answer = await lab.get('/private/', { from: '127.0.0.7' });
 * expect(answer?.status).toBe(403);
 * expect(lab.errorLog()).toContain('Permission denied');
 * ```
 * `lab.configPath`, `lab.root` and `lab.identity` are what a model or a diagnosis of the same server wants to know.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Identity } from '@why403/filesystem';
import { keepForCleanUp } from '../copy/clean-up.ts';
import { type Endpoint, type NginxInstance, startNginx } from '../copy/instance.ts';
import { type Protocol, startStub } from './stubs.ts';
import { isRoot, plantTree, type TreeSpec, unlockTree } from './tree.ts';
import { type Answer, type Asking, ask } from './wire.ts';

export { isRoot } from './tree.ts';

export const NGINX = '/usr/sbin/nginx';
/** Labs are skipped, and counted as skipped, on a machine without nginx. */
export const hasNginx = existsSync(NGINX);

/** Where things of this run are; a configuration is a function of them. */
export interface LabPlaces {
  /** The lab's own folder, the server's prefix. */
  readonly directory: string;
  /** The planted tree, in `directory`. */
  readonly root: string;
  /** Ports that were free a moment ago, as many as were asked for. */
  readonly ports: readonly number[];
  /** One of `ports`, which must be among them. */
  port(number: number): number;
}

export interface LabSpec {
  readonly tree?: TreeSpec;
  /** What stands in `http {}`. The labs' frame around it is printed by `frame`. */
  readonly http: (places: LabPlaces) => string;
  /** Further text at the top of the main context, such as `load_module`. */
  readonly main?: string;
  /** The workers' account where we are root; www-data unless told. `Lab.identity` is www-data's all the same. */
  readonly user?: string;
  /** How many ports the configuration listens on; 1 unless told. All must be on 127.0.0.1. */
  readonly ports?: number;
  /** Files beside the tree, by path below `directory`: password files, included configuration. */
  readonly files?: TreeSpec;
  readonly signal?: AbortSignal;
  /** Servers behind this one, by the name of their Unix socket in `directory`. */
  readonly stubs?: Readonly<Record<string, { readonly protocol: Protocol; readonly status: number }>>;
}

export interface Lab extends LabPlaces, AsyncDisposable {
  readonly configPath: string;
  readonly config: string;
  readonly nginx: NginxInstance;
  /** Who the worker is. */
  readonly identity: Identity;
  /** Exact bytes to one of the ports, 0 unless told. */
  ask(raw: string, asking?: Asking & { readonly port?: number }): Promise<Answer | null>;
  /** An ordinary request by HTTP/1.1 with `Host: localhost` unless a header says otherwise. */
  get(
    target: string,
    asking?: Asking & { readonly port?: number; readonly method?: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Answer | null>;
  errorLog(): string;
  accessLog(): string;
  /** Ends the server and removes the folder. */
  stop(): Promise<void>;
}

/** nginx's own words about a configuration that it doesn't take. */
export class InvalidConfiguration extends Error {}

const ATTEMPTS = 5;

export async function startLab(spec: LabSpec): Promise<Lab> {
  for (let attempt = 1; ; attempt += 1) {
    const ports = await freePorts(spec.ports ?? 1);
    const directory = mkdtempSync(join(tmpdir(), 'why403-lab-'));
    const remove = (): void => {
      if (!isRoot) unlockTree(directory);
      rmSync(directory, { recursive: true, force: true });
    };
    const release = keepForCleanUp(remove);
    const stubs: { stop(): Promise<void> }[] = [];
    const discard = async (): Promise<void> => {
      await Promise.all(stubs.map((stub) => stub.stop()));
      release();
      remove();
    };
    try {
      const prepared = prepare(spec, directory, ports);
      for (const [name, { protocol, status }] of Object.entries(spec.stubs ?? {}))
        stubs.push(await startStub(protocol, join(directory, name), status));
      const endpoints: Endpoint[] = ports.map((port) => ({ host: '127.0.0.1', port }));
      const started = await startNginx({
        binary: NGINX,
        directory,
        configPath: prepared.configPath,
        // A master forks its workers once it has bound every address; a configuration under test may leave a port out.
        ready: [],
        ...(spec.signal ? { signal: spec.signal } : {}),
      });
      if (started.state === 'running') return labOf(prepared, started.nginx, endpoints, discard);
      await discard();
      // Between finding a port free and listening on it, another process may have taken it.
      if (!started.output.includes('Address already in use') || attempt === ATTEMPTS) throw new InvalidConfiguration(started.output);
    } catch (error) {
      await discard();
      throw error;
    }
  }
}

interface Prepared extends LabPlaces {
  readonly config: string;
  readonly configPath: string;
}

function prepare(spec: LabSpec, directory: string, ports: readonly number[]): Prepared {
  // mkdtemp gives 0700, through which the worker could reach nothing.
  chmodSync(directory, 0o755);
  const root = join(directory, 'www');
  mkdirSync(root, { mode: 0o755 });
  plantTree(root, spec.tree ?? {});
  plantTree(directory, spec.files ?? {});
  const places: LabPlaces = {
    directory,
    root,
    ports,
    port: (number) => {
      const port = ports[number];
      if (port === undefined) throw new RangeError(`the lab asked for ${ports.length} ports only`);
      return port;
    },
  };
  const config = frame(places, spec);
  const configPath = join(directory, 'nginx.conf');
  writeFileSync(configPath, config, 'latin1');
  return { ...places, config, configPath };
}

/** The main context that every lab shares: nothing is read or written outside the lab's folder. */
function frame(places: LabPlaces, { main = '', user = 'www-data', http }: LabSpec): string {
  const { directory } = places;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `  ${name}_temp_path ${directory}/temp-${name};\n`)
    .join('');
  return `${main}${isRoot ? `user ${user};\n` : ''}worker_processes 1;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log info;
events { worker_connections 256; }
http {
  access_log ${directory}/access.log;
${temporary}${http(places)}
}
`;
}

function labOf(prepared: Prepared, nginx: NginxInstance, endpoints: readonly Endpoint[], discard: () => Promise<void>): Lab {
  const endpoint = (number = 0): Endpoint => {
    const found = endpoints[number];
    if (found === undefined) throw new RangeError(`the lab asked for ${endpoints.length} ports only`);
    return found;
  };
  const stop = async (): Promise<void> => {
    await nginx.stop();
    await discard();
  };
  return {
    ...prepared,
    nginx,
    identity: workerIdentity(),
    ask: (raw, asking = {}) => ask(endpoint(asking.port), raw, asking),
    get: (target, asking = {}) => {
      const headers = Object.entries({ Host: 'localhost', Connection: 'close', ...asking.headers });
      const raw = `${asking.method ?? 'GET'} ${target} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
      return ask(endpoint(asking.port), raw, asking);
    },
    errorLog: () => readFileSync(join(prepared.directory, 'error.log'), 'latin1'),
    accessLog: () => readFileSync(join(prepared.directory, 'access.log'), 'latin1'),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Ports that are free now on 127.0.0.1, all different because they are held until all are found. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
      await promise;
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      await promise;
      if (address === null || typeof address === 'string') throw new Error('a TCP server has an address and a port');
      return address.port;
    }),
  );
}

let known: Identity | undefined;

/** As root the worker is www-data with the groups that initgroups(3) gives it; else it is who we are. */
function workerIdentity(): Identity {
  const ask = (option: string): string => execFileSync('id', [option, ...(isRoot ? ['www-data'] : [])], { encoding: 'utf8' }).trim();
  known ??= { user: ask('-un'), uid: Number(ask('-u')), gid: Number(ask('-g')), groups: ask('-G').split(' ').map(Number) };
  return known;
}
