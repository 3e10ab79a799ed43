import type { Configuration, Directive } from '../model/syntax/index.ts';
import type { ListenFacts } from './sockets.ts';

/** Where a copy listens instead of one real socket: values of `listen`. At least one of them is given. */
export interface CopyEndpoint {
  /** For clients that really connect from their address. */
  readonly plain?: string;
  /** For clients whose address is told by the PROXY protocol. */
  readonly proxied?: string;
  /** What `$server_addr` and `$server_port` say on the real server. */
  readonly address: string;
  readonly port: number;
}

/** What a private copy's configuration is made from. */
export interface CopyPlan {
  readonly configuration: Configuration;
  /** Directives of `-g`, which stand before the main file. */
  readonly globals: readonly Directive[];
  /** The copy's own folder, its prefix; without a trailing slash, as are the next two. */
  readonly directory: string;
  /** The folder that stands for `/`. */
  readonly tree: string;
  /** The folder of its Unix sockets, which the worker can reach. */
  readonly sockets: string;
  /** By the real socket's key. Servers that listen on none of these are left out: nobody asks them. */
  readonly endpoints: ReadonlyMap<string, CopyEndpoint>;
  /** `own` keeps the realip settings as written, `told` replaces them by the address in the PROXY protocol. */
  readonly clientAddress: 'own' | 'told' | 'peer';
  /** The worker's account and group; null leaves the configuration's own in force, undefined leaves it out. */
  readonly user: readonly string[] | null | undefined;
  readonly listening: ListenFacts;
  /** The arguments of nginx's configure; null when unknown. */
  readonly build: readonly string[] | null;
  /** A certificate with its key in one file, instead of the server's own: a client here checks neither. */
  readonly certificate: string;
  readonly errorLog: string;
  readonly logLevel: 'debug' | 'info';
  isReadable(path: string): boolean;
  upstream(directive: Directive): number;
  /** Null keeps the real target of the sub-request. */
  authRequest(directive: Directive): number | null;
}
