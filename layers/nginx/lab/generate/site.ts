import type { TreeSpec } from '../tree.ts';
import { fileTree, SURROUNDINGS } from './file-tree.ts';
import { ANYWHERE, locations, namedLocation } from './location.ts';
import { type Random, random } from './random.ts';
import { type RequestSpec, requests } from './requests.ts';
import { SHARED } from './gateways.ts';
import { type Scope, sprinkle } from './scope.ts';
import { isSequential, DECLARING, type StubSpecs, stubSpecs } from './behind.ts';
import { block, type Statement, simple } from './statement.ts';
import { defineVariables } from './variables.ts';
import { CODES, SERVER_NAMES } from './vocabulary.ts';

/** A configuration, what lies on disk, and requests for it. All of it follows from the seed. */
export interface Site {
  readonly seed: string;
  /** What stands in `http {}`. */
  readonly http: readonly Statement[];
  /** What stands there too, but is nobody's question: shrinking leaves it alone. */
  readonly behind: readonly Statement[];
  readonly tree: TreeSpec;
  readonly surroundings: TreeSpec;
  readonly requests: readonly RequestSpec[];
  /** Servers behind nginx. */
  readonly stubs: StubSpecs;
  /** Whether a request may change what the next one meets, as DELETE does. */
  readonly isSequential: boolean;
  readonly isTls: boolean;
}

/** Two for plain text, and a third where there is TLS. */
export const portsOf = ({ isTls }: Pick<Site, 'isTls'>): number => (isTls ? 3 : 2);

export function generateSite(seed: string, count: number): Site {
  const source = random(seed);
  const definitions = defineVariables(source);
  const scope: Scope = { random: source, level: 'http', variables: definitions.variables, named: [], guards: [], location: null };
  const isTls = source.chance(0.15);
  const listens = listenings(source).map((listen, index) =>
    isTls && (index === 0 || source.chance(0.6)) ? [...listen, ...tlsListening(source, index)] : listen,
  );
  const servers = listens.map((listen) => server(scope, listen));
  const written = [
    simple('server_names_hash_bucket_size', '128'),
    simple('root', '@root@'),
    ...SHARED,
    ...(isTls ? TLS : []),
    ...definitions.statements,
    ...sprinkle(ANYWHERE, scope),
    ...servers,
  ];
  const http = written.map((statement) => quoted(source, statement));
  const tree = fileTree(source);
  return {
    seed,
    http,
    behind: DECLARING,
    tree,
    surroundings: SURROUNDINGS,
    requests: requests(source, { http, tree, count }),
    stubs: stubSpecs(http),
    isSequential: isSequential(http),
    isTls,
  };
}

/** The same statement with a word in quotes here and there, which must mean the same. Conditions have a grammar of their own. */
function quoted(source: Random, statement: Statement): Statement {
  const words =
    statement.name === 'if'
      ? statement.words
      : statement.words.map((word) =>
          /^[^"'\\{};\s]+$/.test(word) && source.chance(0.03) ? source.pick([`"${word}"`, `'${word}'`]) : word,
        );
  const { block } = statement;
  return { ...statement, words, ...(block === undefined ? {} : { block: block.map((inner) => quoted(source, inner)) }) };
}

/** The `listen` directives of each server: on an address, on all of them, by default or not. */
function listenings(source: Random): readonly (readonly Statement[])[] {
  const forms = [
    '127.0.0.1:@port0@',
    '@port0@',
    '*:@port0@',
    '127.0.0.1:@port1@',
    '@port1@',
    'localhost:@port0@',
    '[::1]:@port0@',
    'unix:@dir@/front.sock',
  ] as const;
  const defaults = new Set<string>();
  const one = (first: boolean): readonly Statement[] => {
    const addresses = new Set([
      first
        ? forms[0]
        : source.weighed<(typeof forms)[number]>([
            [6, forms[0]],
            [2, forms[1]],
            [1, forms[2]],
            [1, forms[3]],
            [1, forms[4]],
            [0.5, forms[5]],
            [0.5, forms[6]],
            [0.5, forms[7]],
          ]),
      ...(source.chance(0.2) ? [source.pick([forms[1], forms[3], forms[6], forms[7]])] : []),
    ]);
    return [...addresses].map((address) => {
      const key = address.replace('*:', '').replace('localhost', '127.0.0.1');
      const isDefault = !defaults.has(key) && source.chance(0.15);
      if (isDefault) defaults.add(key);
      return simple('listen', address, ...(isDefault ? [source.pick(['default_server', 'default'])] : []));
    });
  };
  // Every port must answer, since readiness is told by connecting.
  const all = Array.from(
    {
      length: source.weighed([
        [4, 1],
        [3, 2],
        [3, 3],
      ]),
    },
    (_, index) => one(index === 0),
  );
  const [first = [], ...rest] = all;
  const isUsed = all.flat().some(({ words }) => words[0]?.includes('port1'));
  return source.shuffled([isUsed ? first : [...first, simple('listen', '127.0.0.1:@port1@')], ...rest]);
}

const TLS: readonly Statement[] = [
  simple('ssl_certificate', '@dir@/tls/server.pem'),
  simple('ssl_certificate_key', '@dir@/tls/server.key'),
];

/** A port with TLS, and what it wants of its clients. */
function tlsListening(source: Random, index: number): readonly Statement[] {
  const verify = source.weighed<readonly Statement[]>([
    [3, []],
    [3, [simple('ssl_verify_client', 'on'), simple('ssl_client_certificate', '@dir@/tls/ca.pem')]],
    [2, [simple('ssl_verify_client', 'optional'), simple('ssl_client_certificate', '@dir@/tls/ca.pem')]],
    [2, [simple('ssl_verify_client', 'optional_no_ca'), simple('ssl_client_certificate', '@dir@/tls/ca.pem')]],
    [1, [simple('ssl_verify_client', 'off')]],
  ]);
  const unverified = block('if', ['($ssl_client_verify', '!=', 'SUCCESS)'], [simple('return', source.pick([403, 401]))]);
  return [
    simple('listen', '127.0.0.1:@port2@', 'ssl', ...(index === 1 && source.chance(0.1) ? ['default_server'] : [])),
    ...verify,
    ...source.some([unverified, simple('ssl', 'off')], verify.length > 1 ? 0.4 : 0.05),
    ...source.some([simple('ssl_reject_handshake', 'on')], 0.07),
    ...source.some(
      [simple('error_page', source.pick(['495', '496', '497', '400']), source.pick(['/errors/403.html', '=403 /x.html', '@first']))],
      0.2,
    ),
  ];
}

function server(outer: Scope, listens: readonly Statement[]): Statement {
  const { random: source } = outer;
  const named = source.some(['@first', '@second'], 0.45);
  const guardStatements = guards(source);
  const scope: Scope = { ...outer, level: 'server', named, guards: guardStatements.map(({ words }) => words.at(-1) ?? '/') };
  const names = source.chance(0.85) ? source.shuffled(SERVER_NAMES).slice(0, 1 + source.below(3)) : [];
  // A return or a deny for a whole server hides the rest of it, so it is well outnumbered by those without.
  const own = sprinkle(ANYWHERE, scope);
  const root = source.weighed<readonly Statement[]>([
    [12, []],
    [2, [simple('root', '@root@/docs')]],
    [1, [simple('root', 'www/a')]],
    [0.5, [simple('root', '@dir@/html/')]],
  ]);
  const parts = [
    own,
    locations(scope),
    named.map((name) => namedLocation(scope, name)),
    guardStatements,
    source.chance(0.3) ? [errorsLocation(source)] : [],
  ];
  return block(
    'server',
    [],
    [
      ...listens,
      ...(names.length > 0 ? [simple('server_name', ...names)] : []),
      ...(own.some(({ name }) => name === 'root') ? [] : root),
      ...source.shuffled(parts).flat(),
    ],
  );
}

/** Where auth_request asks: each answers one status, by itself, through a stub, or as a file would. */
function guards(source: Random): readonly Statement[] {
  if (!source.chance(0.5)) return [];
  return source.some<number>([200, 204, 401, 403, 404, 500, 301], 0.3).map((code) => {
    const answer = source.weighed<readonly Statement[]>([
      [5, [simple('return', code, ...(code === 301 ? ['/'] : []))]],
      [3, [simple('proxy_pass', `http://unix:@dir@/http${code === 301 ? 302 : code}.sock`)]],
      [1, []],
      [1, [simple('try_files', '/a/x.html', `=${code}`)]],
      [1, [simple('deny', 'all'), simple('return', code, ...(code === 301 ? ['/'] : []))]],
    ]);
    return block('location', ['=', `/guard/${code}`], [...(source.chance(0.6) ? [simple('internal')] : []), ...answer]);
  });
}

function errorsLocation(source: Random): Statement {
  const inside = source.weighed<readonly Statement[]>([
    [3, [simple('internal')]],
    [2, [simple('internal'), simple('allow', 'all')]],
    [1, [simple('allow', 'all')]],
    [1, [simple('return', source.pick(CODES))]],
  ]);
  return block('location', [source.pick(['/errors/', '^~ /errors/', '= /errors/403.html'])], inside);
}
