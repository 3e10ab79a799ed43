import { type Bag, type Evidence, gathered, unavailable } from '@why403/decision';
import { identityOf, type Obstacles, treeOf, type TreeSpec, USUAL_ACCOUNTS } from '@why403/filesystem';
import type { Headers } from '@why403/terms/request';
import { attribute } from '../model/attribution/attribute.ts';
import type { Observation, ObservedLine } from '../model/attribution/observation.ts';
import { compile } from '../model/compile.ts';
import { encountersOf } from '../model/encounters.ts';
import { onion } from '../model/onion.ts';
import { assemble, parse } from '../model/syntax/index.ts';
import type { SourceFile } from '../model/syntax/ast.ts';
import type { ModelRequest, World } from '../model/trace.ts';
import { quote } from './quote.ts';
import { refusalsOf } from './refusals.ts';

/**
 * A case of nginx's causes:
 * - `nginx`: the text of /etc/nginx/site.conf, which stands inside `http`; or `unavailable: why`
 * - `main`: what stands before that in /etc/nginx/nginx.conf, such as `user nginx;`
 * - `files`: a jotting of the tree, as `treeOf` reads it; `worker`: the account, www-data unless told
 * - `request`: `METHOD target`; `host`, `headers` (a map), `client`, `port`, `tls` (NONE, SUCCESS, FAILED:…)
 * - `observed`: the status that really came, with `errors` (messages of joined log lines at level error, or
 *   `unread`), `level` (error unless told) and `access` (fields of the access-log line)
 */
export interface Given {
  readonly nginx?: string;
  readonly main?: string;
  readonly unavailable?: string;
  readonly files?: TreeSpec;
  readonly worker?: string;
  readonly request?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly client?: string;
  readonly port?: number;
  readonly tls?: string;
  readonly time?: number;
  readonly observed?: number;
  readonly errors?: readonly string[] | 'unread';
  readonly level?: string;
  readonly access?: Readonly<Record<string, string>>;
}

const MAIN = '/etc/nginx/nginx.conf';
const SITE = '/etc/nginx/site.conf';
const ERROR_LOG = '/var/log/nginx/error.log';

/** Evidence for a case, through the parser, the model and the attribution that the doctor uses. */
export function bagOf(given: Readonly<Record<string, unknown>>): Bag {
  // The runner hands over whatever the YAML holds; the members are told in `Given`.
  const one = given as Given;
  if (one.unavailable !== undefined) {
    return { 'nginx/refusals': unavailable(one.unavailable), 'filesystem/obstacles': unavailable(one.unavailable) };
  }
  const configuration = configurationOf(one.nginx ?? '', one.main ?? '');
  const worker = identityOf(USUAL_ACCOUNTS, one.worker ?? 'www-data');
  if (worker === null) throw new Error(`no account is called ${one.worker}`);
  const world: World = {
    tree: treeOf(one.files ?? {}),
    worker,
    verifyPassword: (stored, password) => (stored.startsWith('{PLAIN}') ? stored.slice(7) === password : null),
    md5: () => null,
    upstream: () => null,
    authRequest: () => null,
    modules: null,
  };
  const request = requestOf(one);
  const peeled = onion(compile(configuration, { user: worker.user }), request, world);
  const observation = observationOf(one);
  const items = attribute(peeled.refusals, observation);
  const refusals = refusalsOf({ configuration, request, worker, tree: world.tree, peeled, items, observation });
  const encounters = encountersOf(items, { configuration, tree: world.tree, worker, quote, target: request.target });
  const obstacles: Obstacles = {
    encounters,
    touched: [],
    identity: worker,
    accounts: USUAL_ACCOUNTS,
    tree: world.tree,
    process: { pids: [], comm: null },
    window: null,
    missing: refusals.missing,
  };
  return { 'nginx/refusals': gathered(refusals), 'filesystem/obstacles': gathered(obstacles) };
}

/** The files' own text, so that edits can be shown as a diff. */
export function textOf(given: Readonly<Record<string, unknown>>, file: string): string | null {
  const { nginx, main } = given as Given;
  if (file === MAIN) return mainText(main ?? '');
  return file === SITE ? (nginx ?? null) : null;
}

function mainText(main: string): string {
  return `${main}events {}\nhttp {\n    include site.conf;\n}\n`;
}

function configurationOf(site: string, main: string) {
  const files = new Map<string, SourceFile>();
  for (const [path, text] of [
    [MAIN, mainText(main)],
    [SITE, site],
  ] as const) {
    const parsed = parse(text, path, { real: path, encoding: 'utf8' });
    if ('error' in parsed) throw new Error(`${parsed.error.message} in ${path}:${parsed.error.place.line}`);
    files.set(path, parsed.ok);
  }
  const assembled = assemble(MAIN, '/etc/nginx', files, () => ({ paths: [SITE] }));
  if ('error' in assembled) throw new Error(assembled.error.message);
  return assembled.ok;
}

function requestOf(one: Given): ModelRequest {
  const [method = 'GET', target = '/'] = (one.request ?? 'GET /').split(' ');
  const headers: Headers = [['Host', one.host ?? 'example.test'], ...Object.entries(one.headers ?? {})];
  return {
    method,
    target,
    httpVersion: '1.1',
    headers,
    peer: { address: one.client ?? '127.0.0.1', port: 40_000 },
    local: { address: (one.client ?? '').includes(':') ? '::1' : '127.0.0.1', port: one.port ?? (one.tls === undefined ? 80 : 443) },
    tls: one.tls === undefined ? null : { serverName: one.host ?? 'example.test', clientVerify: one.tls as 'NONE' }, // told as nginx would
    time: one.time ?? 1_700_000_000,
  };
}

function observationOf(one: Given): Observation | null {
  if (one.observed === undefined) return null;
  const errors =
    one.errors === 'unread'
      ? null
      : (one.errors ?? []).map(
          (message, index): ObservedLine => ({ file: ERROR_LOG, line: index + 1, level: 'error', message, text: message }),
        );
  const quotes: readonly Evidence[] = [
    { kind: 'response', text: `${one.observed}`, says: 'The server answered this.', audience: 'caller' },
  ];
  return {
    status: one.observed,
    errors,
    recordsErrors: errors === null ? null : (one.level ?? 'error') === 'error',
    access: one.access === undefined ? null : new Map(Object.entries(one.access)),
    quotes,
  };
}
