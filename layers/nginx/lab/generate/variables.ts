import type { Random } from './random.ts';
import { block, type Statement, simple } from './statement.ts';
import { HOSTS, NETWORKS } from './vocabulary.ts';

export interface Definitions {
  readonly statements: readonly Statement[];
  /** By name with `$`, the values it may take. */
  readonly variables: ReadonlyMap<string, readonly string[]>;
}

/** `geo`, `map` and `split_clients` blocks for one http block. */
export function defineVariables(random: Random): Definitions {
  const statements: Statement[] = [];
  const variables = new Map<string, readonly string[]>();
  const define = (name: string, values: readonly string[], statement: Statement): void => {
    statements.push(statement);
    variables.set(name, values);
  };
  for (const name of random.some(['$geo0', '$geo1'], 0.5)) define(name, ['0', '1', 'x'], geo(random, name));
  for (const name of random.some(['$map0', '$map1', '$map2'], 0.5))
    define(name, ['0', '1', '', 'two'], map(random, name, [...variables.keys()]));
  if (random.chance(0.5)) define('$split0', ['one', 'two', ''], splitClients(random));
  return { statements, variables };
}

function geo(random: Random, name: string): Statement {
  const source = random.weighed([
    [6, []],
    [1, ['$arg_ip']],
    [1, ['$realip_remote_addr']],
  ]);
  if (random.chance(0.25)) return geoRanges(random, name, source);
  const entries = random.some(NETWORKS, 0.4).map((network) => simple(network, random.pick(['0', '1', 'x'])));
  if (random.chance(0.7)) entries.push(simple('default', random.pick(['0', '1'])));
  if (random.chance(0.1)) entries.push(simple('delete', '127.0.0.0/24'));
  if (random.chance(0.15)) entries.push(simple('proxy', '127.0.0.0/8'), ...random.some([simple('proxy_recursive')], 0.5));
  return block('geo', [...source, name], random.shuffled(entries));
}

function geoRanges(random: Random, name: string, source: readonly string[]): Statement {
  const entries = random
    .some(['10.0.0.0-10.255.255.255', '10.1.2.3-10.1.2.3', '127.0.0.0-127.0.0.76', '127.0.0.2-127.0.0.2', '192.0.2.0-192.0.2.127'], 0.5)
    .map((range) => simple(range, random.pick(['0', '1', 'x'])));
  return block('geo', [...source, name], [simple('ranges'), ...random.some([simple('default', '1')], 0.7), ...entries]);
}

function map(random: Random, name: string, others: readonly string[]): Statement {
  const kind = random.weighed([
    [3, 'agent'],
    [2, 'host'],
    [2, 'uri'],
    [1, 'address'],
    [1, 'method'],
    [1, 'argument'],
    [others.length > 0 ? 2 : 0, 'other'],
  ]);
  const value = (): string => random.pick(['0', '1', '""', 'two', '$arg_x']);
  const entries: Statement[] = [];
  const add = (keys: readonly string[], probability = 0.5): void => {
    for (const key of random.some(keys, probability)) entries.push(simple(key, value()));
  };
  let source = '$http_user_agent';
  if (kind === 'agent')
    add([
      '~*bot',
      '~^Mozilla',
      random.pick(['"curl/8.5.0"', '"CURL/8.5.0"']),
      '""',
      '~*^(?<first>[a-z]+)',
      '"~curl/(\\d+)"',
      'MOZILLA',
      '"googlebot/2.1"',
    ]);
  if (kind === 'host') {
    source = random.pick(['$host', '$http_host', '$http_referer']);
    if (random.chance(0.7)) entries.push(simple('hostnames'));
    add([...HOSTS, '*.example.com', '.example.org', 'www.example.*', '~^www\\.'], 0.35);
  }
  if (kind === 'uri') {
    source = random.pick(['$uri', '$request_uri', '$document_uri', '$uri$is_args$args']);
    add(['/', '/a/', '/a/x.html', '~^/a/', '~*\\.HTML$', '~\\?', '/index.html']);
  }
  if (kind === 'address') {
    source = '$remote_addr';
    add(['127.0.0.1', '10.1.2.3', '2001:db8::1', '~^127\\.', '~:']);
  }
  if (kind === 'method') {
    source = '$request_method';
    add([random.pick(['GET', 'get']), 'POST', '~^P', 'OPTIONS']);
  }
  if (kind === 'argument') {
    source = random.pick(['$arg_x', '$cookie_k', '$args', '$http_x_token']);
    add(['1', '2', '~.', '""', 'x=1', '\\default']);
  }
  if (kind === 'other') {
    source = `${random.pick([others[0] ?? '$arg_x', ...others.slice(1)])}${random.pick(['', ':$request_method'])}`;
    add(['0', '1', 'x', '0:GET', '1:GET', '~:POST$', '~^[01]']);
  }
  if (random.chance(0.6)) entries.push(simple('default', value()));
  if (random.chance(0.1)) entries.push(simple('volatile'));
  return block('map', [`"${source}"`, name], random.shuffled(entries));
}

function splitClients(random: Random): Statement {
  const source = random.pick(['"${remote_addr}salt"', '$uri', '"$http_user_agent$arg_x"']);
  const shares = random.pick<readonly (readonly [string, string])[]>([
    [
      ['50%', 'one'],
      ['*', 'two'],
    ],
    [
      ['0.5%', 'one'],
      ['33.33%', 'two'],
      ['*', '""'],
    ],
    [
      ['20%', 'one'],
      ['30%', 'two'],
    ],
    [['100%', 'one']],
    [
      ['30%', '0'],
      ['30%', '1'],
      ['*', '0'],
    ],
    [
      ['25%', '1'],
      ['50%', '0'],
      ['25%', '1'],
    ],
  ]);
  return block(
    'split_clients',
    [source, '$split0'],
    shares.map(([share, value]) => simple(share, value)),
  );
}
