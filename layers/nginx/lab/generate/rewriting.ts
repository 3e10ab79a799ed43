import type { Random } from './random.ts';
import { anyVariable, type Scope, type Sprinkle } from './scope.ts';
import { block, type Statement, simple } from './statement.ts';
import { CODES } from './vocabulary.ts';

/** What may stand in the parentheses of `if`, as the words that nginx's own grammar splits it into. */
function condition({ random, variables }: Scope): readonly string[] {
  const defined = [...variables];
  const own = defined[random.below(Math.max(1, defined.length))];
  const file = random.pick(['-f', '-d', '-e', '-x', '!-f', '!-d', '!-e', '!-x']);
  const path = random.pick([
    '$request_filename',
    '$document_root/a/x.html',
    '$document_root$uri',
    '@root@/docs',
    '$document_root/missing',
    '$request_filename/index.html',
  ]);
  const method = random.pick(['GET', 'POST', 'HEAD', 'OPTIONS', 'get']);
  const equality = random.pick(['=', '!=']);
  const matching = random.pick(['~', '~*', '!~', '!~*']);
  return random.weighed([
    [
      own === undefined ? 0 : 6,
      own === undefined
        ? ['($invalid_referer)']
        : random.chance(0.6)
          ? [`(${own[0]})`]
          : [`(${own[0]}`, equality, `"${own[1][random.below(own[1].length)]}")`],
    ],
    [2, [`($request_method`, equality, `${method})`]],
    [2, [`($http_user_agent`, matching, `${random.pick(['bot', '^curl', '"[Mm]ozilla/(\\d)"', 'EVIL'])})`]],
    [1, [`($http_referer`, matching, `${random.pick(['example\\.com', '^$', '^https'])})`]],
    [2, [`($uri`, matching, `${random.pick(['^/a/(.*)$', '\\.html$', '^/docs', '/$'])})`]],
    [1, [`($request_uri`, matching, `${random.pick(['//', '%', '\\?x=(\\d)', '^/a'])})`]],
    [2, [`(${file}`, `${path})`]],
    [1, [`($remote_addr`, equality, `${random.pick(['127.0.0.1', '10.1.2.3', '2001:db8::1'])})`]],
    [1, [`($remote_addr`, matching, `${random.pick(['^127\\.', ':'])})`]],
    [1, [`($host`, equality, `${random.pick(['example.com', 'localhost', '""'])})`]],
    [
      1,
      [
        `(${random.pick(['$arg_x', '$cookie_k', '$args', '$query_string', '$is_args', '$http_x_token', '$remote_user', '$http_authorization'])})`,
      ],
    ],
    [1, [`(${random.pick(['$arg_x', '$cookie_k'])}`, equality, `${random.pick(['1', '2', '""', 'k'])})`]],
    [
      1,
      [
        `($${random.pick(['scheme', 'server_name', 'server_protocol', 'https', 'realip_remote_addr', 'content_length', 'document_uri'])}`,
        equality,
        `${random.pick(['http', 'example.com', 'HTTP/1.1', 'HTTP/1.0', '""', '127.0.0.1', '/a/'])})`,
      ],
    ],
    [2, ['($flag)']],
    [1, ['($flag', equality, `${random.pick(['1', '2', '$arg_x'])})`]],
  ]);
}

function returning({ random }: { random: Random }): Statement {
  return random.weighed([
    [6, simple('return', 403)],
    [3, simple('return', random.pick(CODES))],
    [1, simple('return', 444)],
    [1, simple('return', 200, '"said $uri"')],
    [1, simple('return', random.pick([403, 404, 401, 503]), 'no')],
    [
      1,
      simple(
        'return',
        random.pick([301, 302, 303, 307, 308]),
        random.pick(['/a/', '/docs', 'https://example.org/', '$scheme://$host/x.html', '/a$is_args$args']),
      ),
    ],
    [1, simple('return', 'https://example.org$request_uri')],
    [1, simple('return', random.pick([301, 302, 304, 206]))],
  ]);
}

function rewriting({ random }: Scope): Statement {
  const from = random.pick([
    '^/a/(.*)$',
    '^/docs(.*)',
    '^(.*)$',
    '\\.html$',
    '^/x\\.html$',
    '^/(p|img)/',
    '^/a/b/(?<tail>.+)',
    '(.*)\\.txt$',
    '^/$',
    '"^/a/.{1}$"',
  ]);
  const to = random.pick([
    '/docs/$1',
    '/a/$1',
    '/a/x.html',
    '/b$1',
    '/index.html',
    '/a/b/',
    '/docs',
    '/x.html?',
    '/a/?y=1',
    '$uri/',
    '/p/$1?x=1',
    '/img/../a/x.html',
    '/sp%20ace.html',
    'https://example.org/$1',
    '//a//',
    '/errors/403.html',
    '$1',
    '/A/$1',
    '/$host',
  ]);
  const flag = random.weighed([
    [4, []],
    [3, ['last']],
    [3, ['break']],
    [1, ['redirect']],
    [1, ['permanent']],
  ]);
  return simple('rewrite', from, to, ...flag);
}

const setting = (scope: Scope): Statement =>
  simple(
    'set',
    '$flag',
    scope.random.pick([anyVariable(scope), '1', '0', '""', '2', '$arg_x', '"${flag}1"', '$request_method', '$1', '$cookie_k']),
  );

/** `if` holds statements of the rewrite module and, at a location, some that change how content is made. */
function conditional(scope: Scope): Statement {
  const { random, level } = scope;
  const inner: Scope = { ...scope, level: 'if' };
  const evil: Statement[] = [
    simple('root', '@root@/docs'),
    simple('error_page', '403', '=200', '/index.html'),
    simple('proxy_pass', `http://unix:@dir@/http${random.pick(CODES)}.sock`),
    simple('add_header', 'X-If', '1'),
    simple('autoindex', 'on') /* refused by nginx: not allowed in if */,
  ];
  const inside = random.weighed([
    [8, [returning(inner)]],
    [2, [setting(inner)]],
    [3, [rewriting(inner)]],
    [1, [setting(inner), rewriting(inner)]],
    [1, [simple('break')]],
    [1, [setting(inner), simple('break'), returning(inner)]],
    [
      level === 'location' ? 6 : 0,
      [
        random.weighed([
          [3, evil[0] ?? returning(inner)],
          [2, evil[1] ?? returning(inner)],
          [2, evil[2] ?? returning(inner)],
          [2, evil[3] ?? returning(inner)],
          [0.2, evil[4] ?? returning(inner)],
        ]),
      ],
    ],
    [0.5, []],
  ]);
  return block('if', condition(scope), inside);
}

/** A run of rewrite statements: their order among each other matters, so they stay together. */
function script(scope: Scope): readonly Statement[] {
  const { random } = scope;
  return Array.from({ length: 1 + random.below(3) }, () =>
    random.weighed([
      [6, conditional(scope)],
      [3, rewriting(scope)],
      [3, setting(scope)],
      [1, simple('break')],
    ]),
  );
}

function referers({ random }: Scope): readonly Statement[] {
  const keys = random.some(
    [
      'none',
      'blocked',
      'server_names',
      'example.com',
      '*.example.com',
      'www.example.*',
      '.example.net',
      'example.org/docs/',
      '~example\\.(com|net)',
      '~^www\\.',
      '"~EXAMPLE"',
      '*.example.org/docs',
      'example.com:8080',
    ],
    0.25,
  );
  // nginx refuses `none` and `blocked` without any host.
  const words = keys.some((key) => key !== 'none' && key !== 'blocked' && !key.includes('~')) ? keys : [...keys, 'server_names'];
  return [simple('valid_referers', ...words), block('if', ['($invalid_referer)'], [simple('return', random.pick([403, 403, 410]))])];
}

/** What a list of the unwanted looks like in the wild. */
const unwanted = (scope: Scope): readonly Statement[] => [
  block('if', [`(${anyVariable(scope)})`], [simple('return', scope.random.pick([403, 403, 444, 410]))]),
];

/** Each round takes one letter off the URI: what counts rounds shows by how many letters it takes. */
const countdown = (): readonly Statement[] => [simple('rewrite', '^(.*/count/a*)a$', '$1')];

export const REWRITING: readonly Sprinkle[] = [
  { says: 'unwanted', chance: { server: 0.08, location: 0.06 }, make: unwanted },
  { says: 'countdown', chance: { location: 0.03 }, make: countdown },
  { says: 'return', chance: { server: 0.03, location: 0.11 }, make: (scope) => [returning(scope)] },
  { says: 'script', chance: { server: 0.18, location: 0.22 }, make: script },
  { says: 'referers', chance: { server: 0.02, location: 0.08 }, make: referers },
];
