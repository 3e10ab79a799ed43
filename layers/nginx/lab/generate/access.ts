import { anyVariable, type Scope, type Sprinkle } from './scope.ts';
import { block, type Statement, simple } from './statement.ts';
import { CODES, LINK_SECRET, NETWORKS } from './vocabulary.ts';

/** allow and deny in an order of chance, often closed by a rule for everybody. */
function addressRules({ random }: Scope): readonly Statement[] {
  const rules: Statement[] = random
    .shuffled(random.some([...NETWORKS, 'unix:'], 0.12))
    .map((network) => simple(random.pick(['allow', 'deny']), network));
  const last = random.weighed([
    [4, [simple('deny', 'all')]],
    [2, [simple('allow', 'all')]],
    [2, []],
  ]);
  const all = [...rules, ...last];
  return all.length > 0 ? all : [simple('deny', 'all')];
}

function authBasic(scope: Scope): readonly Statement[] {
  const { random, level } = scope;
  const realm = random.weighed([
    [8, '"closed"'],
    [2, 'off'],
    [1, anyVariable(scope)],
    [1, '""'],
  ]);
  const file = random.weighed([
    [10, '@dir@/passwords'],
    [1, '@dir@/missing'],
    [1, '@dir@/unreadable'],
    [1, '@dir@/pass$arg_x'],
  ]);
  const both = [simple('auth_basic', realm), simple('auth_basic_user_file', file)];
  // Either may come from an outer block, so at times only one of them is written.
  return level === 'location' && random.chance(0.15)
    ? [random.pick([both[0] ?? simple('auth_basic', 'off'), both[1] ?? simple('auth_basic', 'off')])]
    : both;
}

function limitExcept(scope: Scope): readonly Statement[] {
  const { random } = scope;
  const methods = random.weighed([
    [4, ['GET']],
    [2, ['GET', 'POST']],
    [1, ['HEAD']],
    [1, ['POST', 'PUT', 'DELETE']],
    [1, ['OPTIONS', 'PROPFIND']],
    [1, ['get']],
  ]);
  const inner: Scope = { ...scope, level: 'limit_except' };
  const inside = random.weighed([
    [4, addressRules(inner)],
    [1, authBasic(inner)],
    [1, [...addressRules(inner), ...authBasic(inner)]],
    [1, []],
    [1, [simple('proxy_pass', `http://unix:@dir@/http${random.pick(CODES)}.sock`)]],
  ]);
  return [block('limit_except', methods, inside)];
}

function authRequest({ random, guards }: Scope): readonly Statement[] {
  const [first, ...rest] = guards;
  if (first === undefined) return [simple('auth_request', 'off')];
  const target = random.weighed([
    [2, 'off'],
    [12, random.pick([first, ...rest])],
    [1, '/guard/none'],
  ]);
  return [
    simple('auth_request', target),
    ...random.some([simple('auth_request_set', '$flag', random.pick(['$upstream_status', '1', '$uri']))], 0.15),
  ];
}

function realIp({ random }: Scope): readonly Statement[] {
  const trusted = random.weighed([
    [5, ['127.0.0.0/8']],
    [2, ['127.0.0.1']],
    [2, ['127.0.0.0/8', '10.0.0.0/8', '2001:db8::/32']],
    [1, ['10.0.0.0/8']],
    [1, ['127.0.0.0/8', 'unix:']],
  ]);
  const header = random.weighed([
    [4, []],
    [5, [simple('real_ip_header', 'X-Forwarded-For')]],
    [1, [simple('real_ip_header', 'X-Real-IP')]],
    [1, [simple('real_ip_header', 'X-Client')]],
  ]);
  const recursive = random.some([simple('real_ip_recursive', random.pick(['on', 'on', 'off']))], 0.5);
  return [...trusted.map((network) => simple('set_real_ip_from', network)), ...header, ...recursive];
}

/** Both manners of secure_link, with the `if` lines that make it refuse. */
function secureLink({ random, level }: Scope): readonly Statement[] {
  const judge = random.some(
    [
      block('if', ['($secure_link', '=', '"")'], [simple('return', '403')]),
      block('if', ['($secure_link', '=', '"0")'], [simple('return', random.pick(['410', '403']))]),
    ],
    0.85,
  );
  if (level === 'location' && random.chance(0.3)) return [simple('secure_link_secret', LINK_SECRET), ...judge.slice(0, 1)];
  const value = random.weighed([
    [5, '$arg_md5,$arg_expires'],
    [1, '$arg_md5'],
    [1, '$cookie_k'],
  ]);
  return [simple('secure_link', value), simple('secure_link_md5', `"${LINK_SECRET}$uri$arg_expires"`), ...judge];
}

/** All three manners of access control at once, so that the order among them shows. */
function stack(scope: Scope): readonly Statement[] {
  const { random } = scope;
  return [
    simple('satisfy', random.pick(['any', 'any', 'all'])),
    ...random.some(addressRules(scope), 0.8),
    simple('auth_basic', '"closed"'),
    simple('auth_basic_user_file', '@dir@/passwords'),
    // A target that isn't there is a fault, which ends the phase otherwise than a refusal does.
    ...(random.chance(0.4) ? [simple('auth_request', '/guard/none')] : authRequest(scope)),
    ...random.some([simple('error_page', '500', random.pick(['/errors/403.html', '/x.html', '/missing.html']))], 0.6),
  ];
}

export const ACCESS: readonly Sprinkle[] = [
  { says: 'all at once', chance: { server: 0.03, location: 0.06 }, make: stack },
  { says: 'addresses', chance: { http: 0.06, server: 0.15, location: 0.3 }, make: addressRules },
  {
    says: 'satisfy',
    chance: { http: 0.08, server: 0.15, location: 0.15 },
    make: ({ random }) => [simple('satisfy', random.pick(['any', 'any', 'all']))],
  },
  { says: 'basic', chance: { http: 0.03, server: 0.06, location: 0.12 }, make: authBasic },
  { says: 'limit_except', chance: { location: 0.12 }, make: limitExcept },
  { says: 'auth_request', chance: { http: 0.02, server: 0.04, location: 0.1 }, make: authRequest },
  { says: 'realip', chance: { http: 0.3, server: 0.2, location: 0.05 }, make: realIp },
  { says: 'secure_link', chance: { server: 0.02, location: 0.08 }, make: secureLink },
  { says: 'internal', chance: { location: 0.05 }, make: () => [simple('internal')] },
];
