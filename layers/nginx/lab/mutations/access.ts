import type { Mutation } from './mutate.ts';

/** Addresses, passwords and sub-requests: N6 to N8. */
export const OF_ACCESS: readonly Mutation[] = [
  {
    rule: 'N6 allow/deny: the first match in file order',
    believes: 'the last match wins',
    file: 'access/rules.ts',
    search: 'for (const rule of rules) if ((client & rule.mask)',
    replace: 'for (const rule of rules.toReversed()) if ((client & rule.mask)',
  },
  {
    rule: 'N6 allow/deny: no match lets pass',
    believes: 'no match refuses',
    file: 'access/address.ts',
    search: '  if (rule === null) return DECLINED;',
    replace:
      "  if (rule === null) return { kind: 'refused', directive: null, says: '', refusal: refusalOf('built-in', 403, 'none', { why: '', rule: null }) };",
  },
  {
    rule: 'N6 allow/deny: all is of every family',
    believes: 'all means IPv4',
    file: 'access/rules.ts',
    search: '      v6.push({ mask: [0, 0, 0, 0], address: [0, 0, 0, 0], directive });\n',
    replace: '',
  },
  {
    rule: 'N6 allow/deny: IPv4-mapped addresses meet IPv4 rules',
    believes: 'they meet IPv6 rules',
    file: 'access/rules.ts',
    search: 'if (rules.v4.length > 0 && isMapped(client.bytes))',
    replace: 'if (rules.v4.length > 1_000 && isMapped(client.bytes))',
  },
  {
    rule: 'N6 allow/deny: inherited all or nothing',
    believes: 'a child’s rules come before the inherited ones',
    file: 'settings/read.ts',
    search: 'access: own === null ? parent.access : compileAccess(own),',
    replace: 'access: own === null ? parent.access : compileAccess([...own, ...(parent.access?.directives ?? [])]),',
  },
  {
    rule: 'N6 limit_except: the methods it excepts',
    believes: 'GET doesn’t bring HEAD along',
    file: 'location/compile.ts',
    search: "if (except.has('GET')) except.add('HEAD');",
    replace: '',
  },
  {
    rule: 'N7 satisfy any: the first that allows ends it',
    believes: 'satisfy any is satisfy all',
    file: 'settings/read.ts',
    search: "lastOf(groups, 'satisfy')?.args[0] === 'any'",
    replace: "lastOf(groups, 'satisfy')?.args[0] === 'some'",
  },
  {
    rule: 'N7 satisfy any: a 401 sticks',
    believes: 'the last refusal speaks',
    file: 'access/access.ts',
    search: 'if (journey.accessCode?.status !== 401) journey.accessCode = { status, by };',
    replace: 'journey.accessCode = { status, by };',
  },
  {
    rule: 'N7 satisfy any: what was refused outlives the error page of a fault',
    believes: 'each round begins anew',
    file: 'access/access.ts',
    search: "journey.phase = 'access';",
    replace: "journey.phase = 'access';\n  journey.accessCode = null;",
  },
  {
    rule: 'N8 auth_basic: no credentials are 401',
    believes: 'they are 403',
    file: 'access/basic.ts',
    search: "refusalOf('auth-basic-credentials', 401,",
    replace: "refusalOf('auth-basic-credentials', 403,",
  },
  {
    rule: 'N8 auth_basic: a missing file is 403, an unreadable one 500',
    believes: 'either is 403',
    file: 'access/basic.ts',
    search: "const status = obstacle.errno === 'ENOENT' ? 403 : 500;",
    replace: 'const status = 403;',
  },
  {
    rule: 'N8 auth_basic: a line of the file may go on behind the password',
    believes: 'all of the line is the password',
    file: 'access/basic.ts',
    search: 'const end = rest.search(/[\\r:]/);',
    replace: 'const end = rest.search(/[\\r]/);',
  },
  {
    rule: 'N8 auth_request: 401 and 403 are taken over',
    believes: 'a 401 becomes 403',
    file: 'access/subrequest.ts',
    search: 'const status = asked.status === 401 || asked.status === 403 ? asked.status : 500;',
    replace: 'const status = asked.status === 401 || asked.status === 403 ? 403 : 500;',
  },
  {
    rule: 'N8 auth_request: anything else is 500',
    believes: 'anything else is 403',
    file: 'access/subrequest.ts',
    search: 'asked.status === 401 || asked.status === 403 ? asked.status : 500;',
    replace: 'asked.status === 401 ? 401 : 403;',
  },
];
