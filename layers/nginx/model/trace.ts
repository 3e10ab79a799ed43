import type { Some } from '@why403/decision';
import type { FileTree, Identity, Obstacle } from '@why403/filesystem';
import type { Headers } from '@why403/terms/request';
import type { Configuration, Directive } from './syntax/ast.ts';

/** A request as it reaches nginx's socket. */
export interface ModelRequest {
  readonly method: string;
  /** The request target exactly as sent. */
  readonly target: string;
  readonly httpVersion: '1.0' | '1.1' | '2';
  /** With Host, when there is one. */
  readonly headers: Headers;
  /** The socket's other end. */
  readonly peer: { readonly address: string; readonly port: number | null };
  readonly local: { readonly address: string; readonly port: number };
  readonly tls: {
    readonly serverName: string | null;
    /** As nginx's `$ssl_client_verify` would say; null where nobody knows what came of the client's certificate. */
    readonly clientVerify: 'NONE' | 'SUCCESS' | `FAILED:${string}` | null;
  } | null;
  /** Seconds since the epoch: secure_link and date variables read it. */
  readonly time: number;
}

/** What the model can't compute by itself. Every port may answer null: not known. All are synchronous and pure. */
export interface World {
  readonly tree: FileTree;
  readonly worker: Identity;
  /** Whether a password fits a line of a password file. */
  verifyPassword(stored: string, password: string): boolean | null;
  /** MD5 of latin1 text, as base64url without padding. */
  md5(text: string): string | null;
  /** The status that what is behind a `proxy_pass`-like directive answers, when that was observed. */
  upstream(directive: Directive): number | null;
  /** False where it is known that nothing usable comes back from there, so that nginx makes a 502 of its own. */
  reaches?(directive: Directive): boolean;
  /** The status that an `auth_request` target answers, when it was observed. */
  authRequest(directive: Directive): number | null;
  /** What is known of a module outside the model for this request: `passes` lets it through, null is not known. */
  foreign?(directive: Directive): 'passes' | null;
  /** Modules that are present beyond nginx's core set, by directive-owning name; null when unknown. */
  readonly modules: ReadonlySet<string> | null;
  /**
   * Whether nothing else has asked this server lately, so that limit_req and limit_conn count this request
   * alone. Left out or false: their counters are not known.
   */
  readonly isAlone?: boolean;
}

export type Phase =
  | 'accept'
  | 'server'
  | 'post-read'
  | 'server-rewrite'
  | 'find-location'
  | 'rewrite'
  | 'preaccess'
  | 'access'
  | 'post-access'
  | 'precontent'
  | 'content'
  | 'error-page';

/** Where a value that decided something came from: a map, geo, set, split_clients or valid_referers entry. */
export interface Provenance {
  readonly variable: string;
  readonly value: string;
  /** The block or directive that defines it. */
  readonly directive: Directive | null;
  /** The entry inside that block which matched; null for a default that isn't written. */
  readonly entry: Directive | null;
  /** The request variables it was computed from, such as `http_user_agent` or `remote_addr`. */
  readonly from: readonly string[];
}

/** What refuses, with the facts a cause needs. `key` names the spot so that it can be lifted. */
export type Refusal = { readonly key: string; readonly status: number } & (
  | {
      readonly kind: 'access-rule';
      readonly rule: Directive;
      /** Every allow and deny in force here, in order, of all families. */
      readonly rules: readonly Directive[];
      readonly client: string;
      readonly within: 'location' | 'limit-except';
      readonly limitExcept: Directive | null;
    }
  | { readonly kind: 'return'; readonly rule: Directive; readonly condition: Directive | null; readonly provenance: readonly Provenance[] }
  | { readonly kind: 'try-files-status'; readonly rule: Directive }
  | { readonly kind: 'auth-basic-credentials'; readonly rule: Directive; readonly given: boolean }
  | { readonly kind: 'auth-basic-file'; readonly rule: Directive; readonly path: string; readonly obstacle: Obstacle }
  | { readonly kind: 'auth-request'; readonly rule: Directive; readonly answered: number | null }
  | { readonly kind: 'limit'; readonly rule: Directive; readonly of: 'requests' | 'connections'; readonly zone: string }
  | {
      readonly kind: 'secure-link';
      /** The return; the secure_link directives are in `provenance`. */
      readonly rule: Directive;
      readonly condition: Directive | null;
      readonly provenance?: readonly Provenance[];
    }
  | {
      readonly kind: 'no-index';
      readonly directory: string;
      readonly tried: readonly string[];
      readonly names: readonly string[] | null;
      readonly tryFiles: Directive | null;
      readonly root: Directive | null;
    }
  | {
      readonly kind: 'obstacle';
      readonly path: string;
      readonly use: 'index' | 'open' | 'list' | 'try-files' | 'error-page';
      readonly obstacle: Obstacle;
      readonly root: Directive | null;
    }
  | {
      readonly kind: 'symlink';
      readonly rule: Directive;
      readonly path: string;
      readonly component: string;
      readonly ownerMismatch: boolean;
    }
  | { readonly kind: 'upstream'; readonly rule: Directive }
  | { readonly kind: 'module'; readonly rule: Directive; readonly module: string }
  | {
      readonly kind: 'built-in';
      readonly why: string;
      readonly rule: Directive | null;
      /** The file at fault, where one is. */
      readonly path?: string;
    }
);

/** One thing nginx looks at, in the order it does. */
export interface Check {
  readonly phase: Phase;
  /** 0 for the request as it came, one more for each internal redirect. */
  readonly round: number;
  /** `noted` decides nothing by itself: a server or location chosen, a variable set. */
  readonly verdict: 'passed' | 'refused' | 'undetermined' | 'noted';
  readonly directive: Directive | null;
  readonly says: string;
  /** What it refused with, or would if it does; also on an undetermined check that could refuse. */
  readonly refusal: Refusal | null;
  /** What evidence would settle an undetermined check. */
  readonly missing: string | null;
}

export interface ClientAddress {
  readonly address: string;
  /** Before realip. */
  readonly peer: string;
  /** How the address came about, outermost first, for the reader. */
  readonly chain: readonly { readonly address: string; readonly says: string; readonly directive: Directive | null }[];
}

/** One walk of one request through one configuration. */
export interface Walk {
  readonly checks: readonly Check[];
  readonly client: ClientAddress;
  readonly server: {
    readonly directive: Directive | null;
    readonly how: 'exact' | 'wildcard-start' | 'wildcard-end' | 'regex' | 'default';
  };
  /** Locations in the order they were entered, over all rounds; null stands for none matched. */
  readonly locations: readonly (Directive | null)[];
  readonly answer:
    | Answered
    | {
        readonly state: 'undetermined';
        readonly by: number;
        readonly missing: Some<string>;
        /** The answer if every doubtful step lets the request through; null when even that isn't known. */
        readonly otherwise?: Answered | null;
      };
}

/** A status that is known, and what it came from. */
export interface Answered {
  readonly state: 'answered';
  readonly status: number;
  /** The status before an error_page changed it. */
  readonly unmasked: number;
  readonly source: 'file' | 'listing' | 'return' | 'redirect' | 'upstream' | 'error' | 'closed';
  /** The check that decided, an index into `checks`. */
  readonly by: number;
  /** The file that is served, or the URI redirected to. */
  readonly what: string | null;
  /** The directive that changed the status on its way out. */
  readonly mask: Directive | null;
}

/** What is known of the server beside its configuration. */
export interface Facts {
  /** Modules beyond nginx's core set; null or left out when unknown. */
  readonly modules?: ReadonlySet<string> | null;
  /** The account of the workers. */
  readonly user?: string | null;
  /** Whether the master runs as root; left out it does. Without any `listen` it takes port 80 then, else 8000. */
  readonly isMasterRoot?: boolean;
  /** The machine's name, for `server_name $hostname`. */
  readonly hostname?: string | null;
  /** What host names in `listen` stand for on that machine; `localhost` is 127.0.0.1 unless told here. */
  readonly hosts?: ReadonlyMap<string, readonly string[]>;
}

/** Configuration ready to answer many requests. Opaque outside the model. */
export interface Plan {
  readonly configuration: Configuration;
}
