import { anyVariable, type Scope, type Sprinkle } from './scope.ts';
import { type Statement, simple } from './statement.ts';
import { CODES } from './vocabulary.ts';

function named({ random, named: known }: Scope): string {
  const [first = '@nowhere', ...rest] = known;
  return random.pick([first, ...rest, '@nowhere']);
}

function root(scope: Scope): readonly Statement[] {
  const { random } = scope;
  return [
    simple(
      'root',
      random.pick([
        '@root@',
        '@root@',
        '@root@/docs',
        '@root@/a',
        '@root@/',
        '@root@/missing',
        '@root@/$host',
        '@root@$flag',
        `@root@/${anyVariable(scope).replace('$', '${')}}`,
        'www',
        '@root@/link-dir',
      ]),
    ),
  ];
}

function alias({ random, location }: Scope): readonly Statement[] {
  if (location === null || location.kind === '@') return [];
  const regex = location.kind === '~' || location.kind === '~*';
  return [
    simple(
      'alias',
      regex
        ? random.pick(['@root@/$1', '@root@/docs/$2', '@root@/a/x.html', '@root@$uri'])
        : random.pick(['@root@/docs/', '@root@/docs', '@root@/a/', '@root@/a/x.html', '@root@/', '@root@/missing/', '@root@/$arg_x']),
    ),
  ];
}

function tryFiles(scope: Scope): readonly Statement[] {
  const { random } = scope;
  const candidates = random.some(
    [
      '$uri',
      '$uri/',
      '$uri.html',
      '$uri/index.html',
      '/a/x.html',
      '/docs/',
      '$document_uri/home.htm',
      '/missing',
      '/closed/x.html',
      `/${anyVariable(scope)}`,
      '"$uri "',
    ],
    0.3,
  );
  const last = random.weighed([
    [3, '=404'],
    [2, '=403'],
    [1, '=200'],
    [3, '/index.html'],
    [1, '/a/x.html?x=1'],
    [1, '/docs/'],
    [2, named(scope)],
    [1, '$uri'],
    [1, '$uri/'],
    [1, '/errors$uri'],
    [1, '=503'],
  ]);
  return [simple('try_files', ...(candidates.length > 0 ? candidates : ['$uri']), last)];
}

function errorPage(scope: Scope): readonly Statement[] {
  const { random } = scope;
  const one = (): Statement => {
    const codes = random.weighed<readonly string[]>([
      [5, ['403']],
      [2, ['404']],
      [2, ['403', '404']],
      [1, ['401']],
      [1, ['405']],
      [1, ['500', '502', '503']],
      [1, ['301']],
      [1, ['400', '414']],
      [1, ['410', '418', '451']],
    ]);
    const change = random.weighed([
      [6, []],
      [1, ['=200']],
      [1, ['=404']],
      [1, ['=']],
      [1, ['=403']],
      [0.5, ['=302']],
    ]);
    const target = random.weighed([
      [4, '/errors/403.html'],
      [2, '/index.html'],
      [2, named(scope)],
      [1, '/missing.html'],
      [1, '/a/'],
      [1, 'https://example.org/denied'],
      [1, '$uri'],
      [1, '/errors/$status.html'],
      [0.5, '/x.html?x=1'],
    ]);
    return simple('error_page', ...codes, ...change, target);
  };
  return [
    one(),
    ...(random.chance(0.25) ? [one()] : []),
    ...(random.chance(0.15) ? [simple('recursive_error_pages', random.pick(['on', 'on', 'off']))] : []),
  ];
}

function symlinks({ random }: Scope): readonly Statement[] {
  const how = random.pick([
    ['on'],
    ['if_not_owner'],
    ['if_not_owner'],
    ['if_not_owner', 'from=@root@'],
    ['off'],
    ['on', 'from=@root@'],
    ['if_not_owner', 'from=$document_root'],
    ['on', 'from=$document_root'],
    ['on', 'from=@root@/link-dir'],
    ['on', 'from=@dir@'],
  ]);
  // A root that is a link itself is where from= makes a difference.
  const linked = how[1] === 'from=$document_root' || random.chance(0.2) ? random.some([simple('root', '@root@/link-dir')], 0.8) : [];
  return [simple('disable_symlinks', ...how), ...linked];
}

function proxy({ random, location, level }: Scope): readonly Statement[] {
  const code = random.pick(CODES);
  const plain = location === null || level !== 'location' || location.kind === '~' || location.kind === '~*' || location.kind === '@';
  const pass = simple('proxy_pass', `http://unix:@dir@/http${code}.sock${plain ? '' : random.pick(['', ':/', ':/behind'])}`);
  return [
    pass,
    ...(random.chance(0.35) ? [simple('proxy_intercept_errors', random.pick(['on', 'on', 'off']))] : []),
    ...(code >= 400 && random.chance(0.3) ? [simple('error_page', code, ...random.some(['=200'], 0.5), '/index.html')] : []),
    ...(random.chance(0.05) ? [simple('proxy_method', 'GET')] : []),
  ];
}

const indexes = ({ random }: Scope): readonly Statement[] => [
  simple(
    'index',
    ...random.pick([
      ['index.html'],
      ['home.htm', 'index.html'],
      ['x.html'],
      ['missing.html'],
      ['index.$arg_x', 'index.html'],
      ['missing.html', '/index.html'],
      ['b/x.html'],
      ['missing.html', '/missing/'],
      ['closed/x.html', 'index.html'],
      ['/docs/'],
    ]),
  ),
];

export const CONTENT: readonly Sprinkle[] = [
  { says: 'root', chance: { location: 0.1 }, make: root },
  { says: 'alias', chance: { location: 0.09 }, make: alias },
  { says: 'index', chance: { http: 0.06, server: 0.12, location: 0.1 }, make: indexes },
  {
    says: 'autoindex',
    chance: { http: 0.06, server: 0.15, location: 0.12 },
    make: ({ random }) => [
      simple('autoindex', random.pick(['on', 'on', 'off'])),
      ...(random.chance(0.2) ? [simple('autoindex_format', random.pick(['json', 'xml', 'html']))] : []),
    ],
  },
  { says: 'random_index', chance: { location: 0.01 }, make: () => [simple('random_index', 'on')] },
  { says: 'try_files', chance: { server: 0.06, location: 0.14 }, make: tryFiles },
  { says: 'error_page', chance: { http: 0.06, server: 0.22, location: 0.13 }, make: errorPage },
  { says: 'disable_symlinks', chance: { http: 0.05, server: 0.1, location: 0.1 }, make: symlinks },
  { says: 'proxy', chance: { location: 0.09 }, make: proxy },
];
