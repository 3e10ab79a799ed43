import type { Directive } from '../syntax/ast.ts';
import type { CompiledText } from '../values/expand.ts';
import type { Pattern } from '../values/pattern.ts';
import type { Realip } from '../values/realip.ts';
import type { AccessRules } from '../access/rules.ts';
import type { Risk } from './table.ts';

/** Where files are: `root` or `alias`. */
export interface Root {
  /** Null for the built-in `html` under the prefix. */
  readonly directive: Directive | null;
  readonly text: CompiledText;
  /** Whether the value has variables, so that a relative result is completed at run time. */
  readonly isComputed: boolean;
  /** How much of the URI an alias replaces: 0 for root, `whole` in a regular expression's location. */
  readonly replaces: number | 'whole';
}

export interface ErrorPage {
  readonly directive: Directive;
  readonly status: number;
  /** -1 keeps the status, 0 takes the target's (`=`), else the new one. */
  readonly overwrite: number;
  readonly target: CompiledText;
  /** Arguments written in a target without variables. */
  readonly args: string;
}

export interface Limit {
  readonly directive: Directive;
  readonly zone: string;
  /** The zone's key; null when the zone is not defined in what could be read. */
  readonly key: CompiledText | null;
}

export interface Limits {
  readonly list: readonly Limit[];
  readonly status: number;
  readonly isDryRun: boolean;
}

/** What produces the answer of a location instead of files. */
export interface Handler {
  readonly kind: 'proxy' | 'memcached' | 'stub_status' | 'empty_gif' | 'flv' | 'mp4' | 'module';
  readonly directive: Directive;
  /** The module family: proxy, fastcgi, uwsgi, scgi, grpc. */
  readonly family: string;
}

export interface TryFile {
  readonly text: CompiledText;
  readonly testsDirectory: boolean;
}

export interface TryFiles {
  readonly directive: Directive;
  readonly tests: readonly TryFile[];
  /** The last argument: a status, or where to go. */
  readonly last: { readonly code: number } | { readonly target: CompiledText };
}

export interface RiskyDirective {
  readonly directive: Directive;
  readonly risk: Risk;
}

/** Settings in force in one server, location, if or limit_except: every inheritance is already resolved. */
export interface Settings {
  readonly root: Root;
  readonly access: AccessRules | null;
  readonly isSatisfyAny: boolean;
  readonly satisfy: Directive | null;
  readonly authBasic: { readonly directive: Directive; readonly realm: CompiledText } | null;
  readonly authBasicFile: { readonly directive: Directive; readonly path: CompiledText } | null;
  readonly authRequest: { readonly directive: Directive; readonly uri: string } | null;
  readonly authRequestSet: readonly { readonly directive: Directive; readonly name: string; readonly text: CompiledText }[];
  readonly errorPages: readonly ErrorPage[];
  readonly isRecursiveErrorPages: boolean;
  readonly intercepts: ReadonlySet<string>;
  readonly index: readonly CompiledText[];
  readonly indexDirectives: readonly Directive[];
  readonly autoindex: Directive | null;
  readonly randomIndex: Directive | null;
  readonly gzipStatic: 'off' | 'on' | 'always';
  readonly isGzipVary: boolean;
  readonly gzipHttpVersion: '1.0' | '1.1';
  readonly gzipProxied: readonly string[];
  readonly gzipDisable: readonly Pattern[];
  readonly tryFiles: TryFiles | null;
  readonly limitReq: Limits;
  readonly limitConn: Limits;
  readonly disableSymlinks: {
    readonly directive: Directive;
    readonly mode: 'on' | 'if_not_owner';
    readonly from: CompiledText | null;
  } | null;
  readonly handler: Handler | null;
  /** Where each passing module sends to, by family; an `if` or limit_except takes the location's over. */
  readonly targets: ReadonlyMap<string, Directive>;
  readonly davMethods: ReadonlySet<string>;
  readonly internal: Directive | null;
  readonly maxBodySize: { readonly bytes: number; readonly directive: Directive | null };
  readonly modsecurity: Directive | null;
  readonly realip: Realip | null;
  readonly isEtag: boolean;
  readonly ifModifiedSince: string;
  readonly maxRanges: number;
  /** Directives of filters that may change a file on its way out, so that it has no ranges. */
  readonly filters: readonly Directive[];
  readonly risks: readonly RiskyDirective[];
  /** Directives that the model knows nothing of, outer ones first. */
  readonly unknown: readonly Directive[];
}
