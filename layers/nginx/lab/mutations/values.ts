import type { Mutation } from './mutate.ts';

/** Rewriting and the variables that it asks: N13, N15, N16, secure links. */
export const OF_VALUES: readonly Mutation[] = [
  {
    rule: 'N13 rewrite: an if that matched brings its own configuration',
    believes: 'only its rewrite directives count',
    file: 'rewrite/rewrite.ts',
    search: '    if (inner !== undefined) enter(journey, inner);',
    replace: '    if (inner !== undefined && scope.ifs.size > 1_000) enter(journey, inner);',
  },
  {
    rule: 'N13 rewrite: break ends the search for another location',
    believes: 'break only ends the script',
    file: 'values/script/run.ts',
    search: '    this.#uriChanged = !step.isBreak;',
    replace: '    this.#uriChanged = true;',
  },
  {
    rule: 'N13 if: empty and 0 are false',
    believes: '0 is true',
    file: 'values/script/condition.ts',
    search: "held: text.value !== '' && text.value !== '0',",
    replace: "held: text.value !== '',",
  },
  {
    rule: 'N15 valid_referers: short or without a scheme is blocked',
    believes: 'any text is a referer',
    file: 'values/referer.ts',
    search: 'if (referer.length < 11 || scheme === undefined)',
    replace: 'if (scheme === undefined)',
  },
  {
    rule: 'N15 valid_referers: none',
    believes: 'a missing referer is always valid',
    file: 'values/referer.ts',
    search: "allowsNone: has('none'),",
    replace: 'allowsNone: true,',
  },
  {
    rule: 'N16 geo: the longest network',
    believes: 'the shortest network',
    file: 'values/geo.ts',
    search: 'right.prefix - left.prefix',
    replace: 'left.prefix - right.prefix',
  },
  {
    rule: 'N16 map: exact before patterns',
    believes: 'letters’ case counts',
    file: 'values/hostnames.ts',
    search: '    const name = lowerCase(text);',
    replace: '    const name = text;',
  },
  {
    rule: 'N16 map: patterns in order',
    believes: 'the last pattern wins',
    file: 'values/map.ts',
    search: 'of table.patterns) {',
    replace: 'of table.patterns.toReversed()) {',
  },
  {
    rule: 'N16 split_clients: cumulated shares',
    believes: 'each share stands alone',
    file: 'values/split-clients.ts',
    search: 'sum = (sum + Math.floor(',
    replace: 'sum = (0 * sum + Math.floor(',
  },
  {
    rule: 'secure_link: an expired link is 0',
    believes: 'it is 1',
    file: 'values/secure-link.ts',
    search: "until > 0 && until < Math.floor(state.request.time) ? '0' : '1'",
    replace: "until > 0 && until < 0 ? '0' : '1'",
  },
];
