import { compileAccess } from '../access/rules.ts';
import { compilePattern } from '../values/pattern.ts';
import { compileRealip } from '../values/realip.ts';
import type { Directive } from '../syntax/ast.ts';
import { lowerCase, toBytes } from '../values/bytes.ts';
import { classify } from './table.ts';
import { readHandler, readTargets } from './handler.ts';
import { readErrorPages } from './error-pages.ts';
import { readLimits } from './limits.ts';
import { readRoot } from './root.ts';
import { readTryFiles } from './try-files.ts';
import { lastOf, type Reading, type ScopeKind, textOf } from './reading.ts';
import type { RiskyDirective, Settings } from './settings.ts';

/**
 * Settings of one block over those of the block around it. Each kind of directive is inherited as a whole or
 * not at all, as the modules' merge functions do.
 */
export function readSettings(reading: Reading, parent: Settings): Settings {
  const { groups, block } = reading;
  if (reading.kind !== 'limit-except' && block.every(({ name }) => WITHOUT_SETTINGS.has(name))) return bare(parent, reading.kind);
  const has = (name: string) => groups.has(name);
  const own = has('allow') || has('deny') ? block.filter(({ name }) => name === 'allow' || name === 'deny') : null;
  const doubtful = readDoubts(reading, parent);
  return {
    root: readRoot(reading, parent),
    access: own === null ? parent.access : compileAccess(own),
    isSatisfyAny: has('satisfy') ? lastOf(groups, 'satisfy')?.args[0] === 'any' : parent.isSatisfyAny,
    satisfy: lastOf(groups, 'satisfy') ?? parent.satisfy,
    ...readAuth(reading, parent),
    errorPages: has('error_page') ? readErrorPages(reading) : parent.errorPages,
    isRecursiveErrorPages: flag(groups, 'recursive_error_pages', parent.isRecursiveErrorPages),
    intercepts: readIntercepts(groups, parent.intercepts),
    ...readContent(reading, parent),
    tryFiles: has('try_files') ? readTryFiles(reading) : null,
    limitReq: readLimits(reading, 'limit_req', parent.limitReq),
    limitConn: readLimits(reading, 'limit_conn', parent.limitConn),
    disableSymlinks: has('disable_symlinks') ? readSymlinks(reading) : parent.disableSymlinks,
    handler: readHandler(reading, parent),
    targets: readTargets(reading, parent),
    internal: lastOf(groups, 'internal') ?? parent.internal,
    maxBodySize: readBodySize(groups, parent.maxBodySize),
    modsecurity: switched(groups, 'modsecurity', parent.modsecurity),
    realip: has('set_real_ip_from') || has('real_ip_header') || has('real_ip_recursive') ? compileRealip(reading.directive) : parent.realip,
    ...readFilters(groups, parent),
    ...doubtful,
  };
}

function readAuth(
  { groups, encoding }: Reading,
  parent: Settings,
): Pick<Settings, 'authBasic' | 'authBasicFile' | 'authRequest' | 'authRequestSet'> {
  const realm = lastOf(groups, 'auth_basic');
  const file = lastOf(groups, 'auth_basic_user_file');
  const request = lastOf(groups, 'auth_request');
  const uri = request?.args[0] ?? '';
  return {
    authBasic: realm === null ? parent.authBasic : { directive: realm, realm: textOf(realm.args[0] ?? '', encoding) },
    authBasicFile: file === null ? parent.authBasicFile : { directive: file, path: textOf(file.args[0] ?? '', encoding) },
    authRequest: request === null ? parent.authRequest : uri === 'off' ? null : { directive: request, uri: toBytes(uri, encoding) },
    authRequestSet:
      groups.get('auth_request_set')?.map((directive) => ({
        directive,
        name: lowerCase(directive.args[0]?.slice(1) ?? ''),
        text: textOf(directive.args[1] ?? '', encoding),
      })) ?? parent.authRequestSet,
  };
}

/** Directives that leave the settings as they are: blocks, the rewrite module's own, and the most usual harmless ones. */
const WITHOUT_SETTINGS: ReadonlySet<string> = new Set([
  'location',
  'if',
  'set',
  'return',
  'rewrite',
  'break',
  'access_log',
  'expires',
  'add_header',
]);
const BARE = { inner: new WeakMap<Settings, Settings>(), location: new WeakMap<Settings, Settings>() };

/** What a block without settings of its own inherits: neither try_files nor a content handler, nor (but in an `if`) its target. */
function bare(parent: Settings, kind: ScopeKind): Settings {
  const isInner = kind === 'if';
  if (parent.tryFiles === null && parent.handler === null && (isInner || parent.targets.size === 0)) return parent;
  const cache = isInner ? BARE.inner : BARE.location;
  const known = cache.get(parent) ?? { ...parent, tryFiles: null, handler: null, targets: isInner ? parent.targets : NO_TARGETS };
  cache.set(parent, known);
  return known;
}

const NO_TARGETS: Settings['targets'] = new Map();

type Content =
  | 'index'
  | 'indexDirectives'
  | 'autoindex'
  | 'randomIndex'
  | 'davMethods'
  | 'gzipStatic'
  | 'isGzipVary'
  | 'gzipHttpVersion'
  | 'gzipProxied'
  | 'gzipDisable';

function readContent({ groups, encoding }: Reading, parent: Settings): Pick<Settings, Content> {
  const index = groups.get('index');
  const dav = lastOf(groups, 'dav_methods');
  const gzip = lastOf(groups, 'gzip_static')?.args[0];
  const disable = groups.get('gzip_disable');
  const version = lastOf(groups, 'gzip_http_version')?.args[0];
  return {
    index: index === undefined ? parent.index : index.flatMap((one) => one.args.map((name) => textOf(name, encoding))),
    indexDirectives: index ?? parent.indexDirectives,
    autoindex: switched(groups, 'autoindex', parent.autoindex),
    randomIndex: switched(groups, 'random_index', parent.randomIndex),
    davMethods: dav === null ? parent.davMethods : new Set(dav.args.map((method) => method.toUpperCase())),
    gzipStatic: gzip === undefined ? parent.gzipStatic : gzip === 'always' ? 'always' : gzip === 'on' ? 'on' : 'off',
    isGzipVary: flag(groups, 'gzip_vary', parent.isGzipVary),
    gzipHttpVersion: version === undefined ? parent.gzipHttpVersion : version === '1.0' ? '1.0' : '1.1',
    gzipProxied: groups.get('gzip_proxied')?.flatMap((one) => one.args) ?? parent.gzipProxied,
    gzipDisable:
      disable === undefined
        ? parent.gzipDisable
        : disable.flatMap((one) =>
            one.args.map((source) => compilePattern(source === 'msie6' ? 'MSIE [4-6]\\.' : source, { caseless: true, encoding })),
          ),
  };
}

function readIntercepts(groups: ReadonlyMap<string, readonly Directive[]>, parent: ReadonlySet<string>): ReadonlySet<string> {
  let changed: Set<string> | null = null;
  for (const family of ['proxy', 'fastcgi', 'uwsgi', 'scgi', 'grpc']) {
    const directive = lastOf(groups, `${family}_intercept_errors`);
    if (directive === null) continue;
    changed ??= new Set(parent);
    if (directive.args[0] === 'on') changed.add(family);
    else changed.delete(family);
  }
  return changed ?? parent;
}

/** Filters that drop the ranges of what they change: gzip, gunzip, ssi, sub_filter, additions. */
const CHANGING = ['gzip', 'ssi', 'sub_filter', 'subs_filter', 'add_before_body', 'add_after_body', 'charset_map'];

function readFilters(
  groups: ReadonlyMap<string, readonly Directive[]>,
  parent: Settings,
): Pick<Settings, 'isEtag' | 'ifModifiedSince' | 'maxRanges' | 'filters'> {
  const written = CHANGING.filter((name) => groups.has(name));
  const kept = parent.filters.filter(({ name }) => !written.includes(name));
  const on = written.flatMap(
    (name) =>
      groups
        .get(name)
        ?.filter(({ args }) => args[0]?.toLowerCase() !== 'off')
        .slice(0, 1) ?? [],
  );
  const ranges = lastOf(groups, 'max_ranges');
  return {
    isEtag: flag(groups, 'etag', parent.isEtag),
    ifModifiedSince: lastOf(groups, 'if_modified_since')?.args[0] ?? parent.ifModifiedSince,
    maxRanges: ranges === null ? parent.maxRanges : Number(ranges.args[0]),
    filters: written.length === 0 ? parent.filters : [...kept, ...on],
  };
}

function readSymlinks({ groups, encoding }: Reading): Settings['disableSymlinks'] {
  const directive = lastOf(groups, 'disable_symlinks');
  const mode = directive?.args.find((arg) => !arg.startsWith('from='));
  if (directive === null || (mode !== 'on' && mode !== 'if_not_owner')) return null;
  const from = directive.args.find((arg) => arg.startsWith('from='));
  return { directive, mode, from: from === undefined ? null : textOf(from.slice('from='.length), encoding) };
}

function readBodySize(groups: ReadonlyMap<string, readonly Directive[]>, parent: Settings['maxBodySize']): Settings['maxBodySize'] {
  const directive = lastOf(groups, 'client_max_body_size');
  return directive === null ? parent : { bytes: sizeOf(directive.args[0] ?? '0'), directive };
}

/** A size with its suffix k, m or g, in bytes. */
export function sizeOf(text: string): number {
  const number = Number.parseInt(text, 10);
  const suffix = text.at(-1)?.toLowerCase();
  return number * (suffix === 'g' ? 2 ** 30 : suffix === 'm' ? 2 ** 20 : suffix === 'k' ? 1024 : 1);
}

function readDoubts({ groups }: Reading, parent: Settings): Pick<Settings, 'risks' | 'unknown'> {
  let risks: readonly RiskyDirective[] | null = null;
  let unknown: readonly Directive[] | null = null;
  for (const [name, directives] of groups) {
    const known = classify(name);
    const directive = directives.at(-1);
    if (directive === undefined || known === 'modelled' || known === 'harmless') continue;
    if (known === 'unknown') unknown = [...(unknown ?? parent.unknown), ...directives];
    else
      risks = [...(risks ?? parent.risks).filter((one) => one.risk !== known), ...(isOff(directive) ? [] : [{ directive, risk: known }])];
  }
  return { risks: risks ?? parent.risks, unknown: unknown ?? parent.unknown };
}

function isOff(directive: Directive): boolean {
  return directive.args.length === 1 && directive.args[0] === 'off';
}

function flag(groups: ReadonlyMap<string, readonly Directive[]>, name: string, parent: boolean): boolean {
  const directive = lastOf(groups, name);
  return directive === null ? parent : directive.args[0]?.toLowerCase() === 'on';
}

/** The directive that switches something on, null when it is off. */
function switched(groups: ReadonlyMap<string, readonly Directive[]>, name: string, parent: Directive | null): Directive | null {
  const directive = lastOf(groups, name);
  if (directive === null) return parent;
  return directive.args[0]?.toLowerCase() === 'on' ? directive : null;
}
