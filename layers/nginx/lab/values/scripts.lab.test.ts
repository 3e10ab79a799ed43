import fc from 'fast-check';
import { treeOf } from '@why403/filesystem';
import { describe, expect, it } from 'vitest';
import type { Directive } from '../../model/syntax/index.ts';
import { compileScript, type Outcome, run } from '../../model/values/script.ts';
import { compileText, expand } from '../../model/values/expand.ts';
import type { State } from '../../model/values/state.ts';
import { hasNginx, type Lab, startLab } from '../server.ts';
import { type Bench, benchOf, type Sent, stateOf } from './harness.ts';

const SEED = Number(process.env['WHY403_SEED'] ?? 403);
const SERVERS = 150;
const ASKED = 12;

const VALUES = '[$uri|$args|$a|$b|$1|$2|$n]';

const piece = fc.constantFrom(
  'x',
  '${a}',
  '${b}',
  '${uri}',
  '${args}',
  '$1',
  '$2',
  '${arg_q}',
  '${HTTP_x}',
  '${n}',
  '-',
  '0',
  '/',
  '%41',
  ' ',
  '${is_args}',
  '${request_uri}',
);
const text = fc.array(piece, { minLength: 1, maxLength: 3 }).map((parts) => `"${parts.join('')}"`);
const variable = fc.constantFrom('$a', '$b', '$uri', '$args', '$arg_q', '$http_x', '$n', '$m', '$request_method');
const pattern = fc.constantFrom(
  '^/(.*)$',
  '^/a(.*)',
  '(b+)(c)?',
  '^(.*)x(.*)$',
  'q',
  '^$',
  '(?<n>[a-c]+)',
  '/([^/]+)/([^/]+)',
  '.',
  '^/(((.)))',
  ' ',
);
const path = fc.constantFrom(
  'ROOT/file.html',
  'ROOT/dir',
  'ROOT/run.sh',
  'ROOT/none',
  'ROOT$uri',
  'ROOT/link',
  'ROOT/dangling',
  'ROOT/dir/',
  'ROOT/file.html/x',
);
const condition = fc.oneof(
  variable,
  fc.tuple(variable, fc.constantFrom('=', '!='), text).map((parts) => parts.join(' ')),
  fc
    .tuple(
      variable,
      fc.constantFrom('~', '~*', '!~', '!~*'),
      pattern.map((one) => `"${one}"`),
    )
    .map((parts) => parts.join(' ')),
  fc.tuple(fc.constantFrom('-f', '!-f', '-d', '!-d', '-e', '!-e', '-x', '!-x'), path).map((parts) => parts.join(' ')),
);
const replacement = fc.oneof(
  fc
    .array(fc.constantFrom('/', 'a', '$1', '$2', '?', 'q=', '&', '${a}', '${n}', '%20', 'b', '${m}'), { minLength: 1, maxLength: 5 })
    .map((parts) => `"/${parts.join('')}"`),
  fc.constantFrom('http://other.test/$1', 'https://o.test$uri?x=1', '$scheme://h/$1?', '"$1"', '"/x?"', '"/y??"', '"$2"'),
);
const statement = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom('$a', '$b', '$n', '$args', '$arg_q', '$http_x', '$m'), text)
      .map(([name, value]) => `set ${name} ${value};`),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(pattern, replacement, fc.constantFrom('', '', 'last', 'break', 'redirect', 'permanent'))
      .map(([source, target, flag]) => `rewrite "${source}" ${target} ${flag};`),
  },
  { weight: 1, arbitrary: fc.constant('break;') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'return 403;',
      'return 200 "$1:$uri";',
      'return 302 /r$uri;',
      'return 404 "text $a";',
      'return http://x/$1;',
      'return 204;',
      'return 410 "";',
      'return 307 "";',
      'return 200;',
    ),
  },
);
const block = fc.tuple(condition, fc.array(statement, { maxLength: 3 }), fc.boolean());
const script = fc.array(fc.oneof(statement, block), { minLength: 1, maxLength: 6 });

/** An `if` may have settings of its own, which show whether it is in force. */
function write(steps: readonly (string | [string, string[], boolean])[], level: string, root: string): string {
  const lines = steps.map((step, at) =>
    typeof step === 'string'
      ? step
      : `if (${step[0]}) { ${step[1].join(' ')} ${step[2] && level === 'location' ? `add_header X-If "if-${at}" always;` : ''} }`,
  );
  return lines.join('\n  ').replaceAll('ROOT', root);
}

interface Ended {
  readonly outcome: Outcome;
  readonly configuration: Directive | null;
}

/** The server's script, then the location's, again for each rewritten URI (POST_REWRITE allows ten). */
function walk(bench: Bench, server: Directive, state: State): Ended {
  const first = run(compileScript(server.block ?? [], 'server', bench.definitions), state);
  if (first.kind !== 'done') return { outcome: first, configuration: null };
  const location = server.block?.find(({ name }) => name === 'location');
  let last: Directive | null = null;
  for (let changes = 0; changes <= 10; changes++) {
    // No location matches such a URI, and the server has no file by it.
    if (!state.uri.startsWith('/')) return ended(server, '404', null);
    state.location = location ?? null;
    const outcome = run(compileScript(location?.block ?? [], 'location', bench.definitions), state);
    if (outcome.kind !== 'done' || !outcome.uriChanged) return { outcome, configuration: outcome.configuration };
    last = outcome.configuration;
  }
  return ended(server, '500', last);
}

/** What nginx answers without a script's doing. */
function ended(directive: Directive, why: '404' | '500', configuration: Directive | null): Ended {
  return { outcome: { kind: 'failed', status: 500, directive, why, notes: [], configuration }, configuration };
}

function expected(bench: Bench, server: Directive, state: State): string | null {
  const { outcome, configuration } = walk(bench, server, state);
  const values = shown(state, configuration);
  if (outcome.kind === 'undetermined') return null;
  if (outcome.kind === 'failed') return outcome.why === '404' ? `404|${values}|page` : `500|${values}`;
  if (outcome.kind === 'done') return `200|${values}|gif`;
  const { answer } = outcome;
  const isRedirect = answer.status > 300 && answer.status < 309;
  if (!isRedirect && !answer.isDirect) return `${answer.status}|${values}|page`;
  const text = isRedirect ? answer.location : answer.body;
  return text === null && answer.isTextUnknown ? null : `${answer.status}|${values}|${text ?? ''}`.trimEnd();
}

function shown(state: State, configuration: Directive | null): string {
  const own = configuration?.block?.find(({ name }) => name === 'add_header')?.args[1];
  const value = expand(compileText(own ?? VALUES), state);
  return value.known ? value.value : '?';
}

describe.skipIf(!hasNginx)('scripts', () => {
  it(`rewrite, set and answer as nginx does (seed ${SEED})`, async () => {
    const scripts = fc.sample(fc.tuple(script, script), { numRuns: SERVERS, seed: SEED });
    await using lab = await startLab({
      tree: {
        'file.html': { type: 'file', text: 'x' },
        'run.sh': { type: 'file', text: 'x', mode: 0o755 },
        'dir/inner': { type: 'file', text: 'x' },
        link: { type: 'symlink', target: 'file.html' },
        dangling: { type: 'symlink', target: 'nowhere' },
      },
      http: ({ port, root }) => `
        map $uri $m { default none; ~^/(..)(.*) "$1+$2"; }
        server_names_hash_bucket_size 128; absolute_redirect off; merge_slashes off;
        ${scripts
          .map(
            ([atServer, inLocation], at) => `server { listen 127.0.0.1:${port(0)}; server_name s${at}.test;
  add_header X-Values "${VALUES}" always; set $a ""; set $b ""; set $n "";
  ${write(atServer, 'server', root)}
  location / { ${write(inLocation, 'location', root)}
    empty_gif; } }`,
          )
          .join('\n')}`,
    });
    const bench = benchOf(lab);
    const servers =
      bench.configuration.directives.find(({ name }) => name === 'http')?.block?.filter(({ name }) => name === 'server') ?? [];
    const targets = fc.sample(
      fc.tuple(
        fc.constantFrom('/', '/a', '/abc', '/a/b/c', '/ax%20x', '/b%2Bc', '/x+y', '/file.html', '/dir', '/cc%3Fq', '/a%25b', '/bc;d'),
        fc.constantFrom('', '?q=1', '?q=a%20b&c', '?', '?x'),
      ),
      { numRuns: ASKED * SERVERS, seed: SEED },
    );
    const found: string[] = [];
    let unknown = 0;
    for (const [at, server] of servers.entries()) {
      for (const [path, args] of targets.slice(at * ASKED, (at + 1) * ASKED)) {
        const sent: Sent = { target: path + args, headers: { Host: `s${at}.test`, X: at % 2 === 0 ? 'bc' : '' } };
        const base = stateOf({ ...bench, server }, lab.port(0), sent);
        const state: State = { ...base, world: { ...base.world, tree: treeIn(lab), worker: lab.identity } };
        const ours = expected(bench, server, state);
        if (ours === null) {
          unknown++;
          continue;
        }
        const real = await observed(lab, sent);
        if (ours !== real)
          found.push(
            `${JSON.stringify(sent)}: ${ours}, nginx ${real}\n${write(scripts[at]?.[0] ?? [], 'server', 'R')}\n  location: ${write(scripts[at]?.[1] ?? [], 'location', 'R')}`,
          );
      }
    }
    expect(found.slice(0, 5), `${found.length} differ`).toEqual([]);
    expect(unknown / (SERVERS * ASKED)).toBeLessThan(0.1);
  });
});

async function observed(lab: Lab, sent: Sent): Promise<string> {
  const answer = await lab.get(sent.target, { headers: sent.headers ?? {} });
  if (answer === null) return 'closed';
  const field = (wanted: string): string => answer.headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? '';
  const isGif = field('content-type') === 'image/gif';
  const isPage = answer.body.includes('<center>nginx/');
  const isRedirect = answer.status > 300 && answer.status < 309;
  const values = field('x-if') === '' ? field('x-values') : field('x-if');
  if (answer.status === 500) return `500|${values}`;
  return `${answer.status}|${values}|${isRedirect ? field('location') : isGif ? 'gif' : isPage ? 'page' : answer.body}`.trimEnd();
}

function treeIn(lab: Lab): ReturnType<typeof treeOf> {
  return treeOf({
    [lab.root]: 'drwxr-xr-x root root',
    [`${lab.root}/file.html`]: '-rw-r--r-- root root',
    [`${lab.root}/run.sh`]: '-rwxr-xr-x root root',
    [`${lab.root}/dir`]: 'drwxr-xr-x root root',
    [`${lab.root}/dir/inner`]: '-rw-r--r-- root root',
    [`${lab.root}/link`]: 'lrwxrwxrwx root root -> file.html',
    [`${lab.root}/dangling`]: 'lrwxrwxrwx root root -> nowhere',
  });
}
