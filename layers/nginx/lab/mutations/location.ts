import type { Mutation } from './mutate.ts';

/** The order of phases and the choice of a location: N2 to N5. */
export const OF_LOCATIONS: readonly Mutation[] = [
  {
    rule: 'N2 phases: return beats deny',
    believes: 'access is checked before the location’s rewrites',
    file: 'phases.ts',
    search: "    const rewritten = journey.scope.kind === 'server' ? ON : runRewrites(journey);",
    replace:
      "    const early = accessPhase(journey, ask);\n    if (early.kind !== 'on') return early;\n    const rewritten = journey.scope.kind === 'server' ? ON : runRewrites(journey);",
  },
  {
    rule: 'N2 phases: auth_basic before auth_request',
    believes: 'auth_request comes first',
    file: 'access/access.ts',
    search: '    () => judgeCredentials(journey),\n    () => judgeSubrequest(journey, ask),',
    replace: '    () => judgeSubrequest(journey, ask),\n    () => judgeCredentials(journey),',
  },
  {
    rule: 'N2 phases: access before auth_basic',
    believes: 'passwords are asked for before addresses are looked at',
    file: 'access/access.ts',
    search: '    () => judgeAddress(journey),\n    () => judgeCredentials(journey),',
    replace: '    () => judgeCredentials(journey),\n    () => judgeAddress(journey),',
  },
  {
    rule: 'N2 phases: access before try_files',
    believes: 'try_files comes before access',
    file: 'phases.ts',
    search: '[preaccessPhase, (it: Journey) => accessPhase(it, ask), tryFiles]',
    replace: '[preaccessPhase, tryFiles, (it: Journey) => accessPhase(it, ask)]',
  },
  {
    rule: 'N2 phases: ten rewrite cycles',
    believes: 'nginx gives up after five changes',
    file: 'set-out.ts',
    search: 'changesLeft: 11,',
    replace: 'changesLeft: 6,',
  },
  {
    rule: 'N3 sub-requests skip access',
    believes: 'a sub-request is refused like any other',
    file: 'access/access.ts',
    search: '  if (journey.isSubrequest) return ON;\n',
    replace: '',
  },
  {
    rule: 'N3 internal redirects run the server’s rewrites and access again',
    believes: 'an internal redirect keeps its location',
    file: 'phases.ts',
    search: '  state.isInternal = true;\n  state.isLocationStale = false;',
    replace:
      "  state.isInternal = true;\n  if (to.uri.endsWith('/index.html')) return contentPhase(journey);\n  state.isLocationStale = false;",
  },
  {
    rule: 'N4 location: = ends the search',
    believes: 'an exact location is a prefix that must be whole',
    file: 'location/choose.ts',
    search: "if (found.how === 'exact') return { result: 'final', scope: found.scope };",
    replace: "if (found.how === 'exact') return { result: 'open', scope: found.scope };",
  },
  {
    rule: 'N4 location: = before regular expressions of its level',
    believes: 'regular expressions overrule =',
    file: 'location/choose.ts',
    search: "    isPreferred = found.scope.kind === 'preferred';",
    replace: "    isPreferred = found.scope.kind === 'preferred' || found.scope.name.length > 5;",
  },
  {
    rule: 'N4 location: ^~ shuts out regular expressions',
    believes: '^~ is a plain prefix',
    file: 'location/choose.ts',
    search: 'if (!isPreferred) {',
    replace: 'if (!isPreferred || state.uri.length > 0) {',
  },
  {
    rule: 'N4 location: a nested ^~ does not protect from outer regular expressions',
    believes: 'a nested ^~ is final',
    file: 'location/choose.ts',
    search: '    reached = nested.scope;',
    replace: "    reached = nested.scope;\n    if (reached.kind === 'preferred') isPreferred = true;",
  },
  {
    rule: 'N4 location: the longest prefix',
    believes: 'the shortest prefix that matches wins',
    file: 'location/children.ts',
    search: '    if (entry.inclusive !== null && uri.startsWith(entry.name)) return',
    replace: '    if (entry.within < 0 && entry.inclusive !== null && uri.startsWith(entry.name)) return',
  },
  {
    rule: 'N4 location: regular expressions in file order',
    believes: 'the last regular expression wins',
    file: 'location/choose.ts',
    search: 'for (const regex of parent.children.regexes) {',
    replace: 'for (const regex of parent.children.regexes.toReversed()) {',
  },
  {
    rule: 'N4 location: internal is 404 from outside',
    believes: 'internal is 403',
    file: 'location/find.ts',
    search: "refusalOf('built-in', 404, internal,",
    replace: "refusalOf('built-in', 403, internal,",
  },
  {
    rule: 'N5 location: prefixes nested in a regular expression never match',
    believes: 'they match like others',
    file: 'location/children.ts',
    search: 'if (!isWithinRegex) {',
    replace: 'if (!isWithinRegex || locations.length > 0) {',
  },
];
