import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeWord } from '../../model/syntax/index.ts';
import { compilePattern, match } from '../../model/values/pattern.ts';
import { hasNginx, startLab } from '../server.ts';

interface Case {
  readonly pattern: string;
  readonly caseless: boolean;
}

/** Written by hand: each shows a rule of PCRE2 that JavaScript lacks or has otherwise. */
const RULES = [
  '^/(?i)Foo(?-i)bar',
  '^/(?i:foo)Bar$',
  '(a(?i)b|c)x',
  '^/((?:a)(?i)b|c)D$',
  '(?s)^/a.b',
  '^/a.b$',
  '(?m)^b$',
  '(?m)a$',
  '(?x) ^ / a  b # c',
  '(?x)a\\ b[ ]c',
  '\\A/a\\z',
  '/a\\Z',
  '\\b(a\\w+)\\b',
  'a\\Bb',
  '[[:alpha:]]+([[:digit:]]*)',
  '[[:^alpha:]]{2}',
  '[^[:space:]x]+$',
  '\\h+',
  '\\H\\v',
  '\\R(.)',
  '[\\h]a',
  '\\N\\N\\N',
  '(?<n>a+)(?P<m>b*)',
  "(?'q'[a-c]+)",
  '\\Qa.b\\E',
  '\\Qa.b',
  '[\\Qa]\\E]+',
  '\\x61\\x{62}',
  '\\141',
  '\\ca',
  '\\e',
  '\\t|\\x20',
  '(a)\\1',
  '(a|b)\\g1',
  '(a)(b)\\g{-1}',
  '(?<l>.)\\k<l>',
  '(?<l>.)\\k{l}',
  '(?P<l>.)(?P=l)',
  '(a)?\\1b',
  '(?:(a)|b)*c',
  '^/(?:(a)|(b))*$',
  '^(/[a-z]+)+$',
  '(a*)*',
  '(a*)+b',
  '(?:a|ab)(?:c|bcd)(d*)',
  '^/(a+)+$',
  '(?>a+)b',
  '(?>a|ab)c',
  'a++b',
  'a*+a',
  'a?+a',
  '(?:ab){2,3}+',
  '(?=ab)a',
  '(?!ab)[a-c]',
  '(?<=a)b',
  '(?<!a)b',
  '(?<=a|bc)d',
  '(?<=(a))b',
  'a{2}',
  'a{2,}',
  'a{1,2}?b',
  'a{,2}',
  'a{x}',
  '(?U)a+',
  '(?U)a+?',
  '(?U)a{1,3}b?',
  'x*',
  '',
  '()',
  '(|a)b',
  'a||b',
  '[]a]+',
  '[^]a]+',
  '[a-]',
  '[-a]',
  '[a\\-c]',
  '[\\w-]+',
  '[\\d\\D]',
  '[\\n]',
  '[.]',
  '[$]',
  'a$b',
  'a^b',
  '^^a',
  '$',
  'é',
  '[é]',
  '(?i)É',
  '(*UTF8)^/.$',
  '(*UTF8)é',
  '(*UTF8)[é-ü]+',
  '(*UTF8)(?i)k',
  '(?#note)a',
  'a(?#note)+',
  '\\.(?:jpe?g|png)$',
  '^/([^/]+)/(.*)$',
  '^(.+\\.php)(/.*)?$',
  '(?^)A',
  '(?i)a(?^:A)',
  '(?i)[a-c]+',
  '(?i)[^a]',
  '(?i)\\x41',
  '(?J)(?<d>a)|(?<d>b)',
  '(a)|b',
  '(a)|(b)|(c)',
  '(a+|b+)*c',
  '((a|b)+)?c',
  '(a(b)?)+',
  '(?:a(b)?)+$',
  '((a)|(b))+',
  '(?=(a))ab',
  '(?!(b))a',
  '\\G/a',
  '\\1(a)',
  '(?:x|(a))+b',
  '[[:blank:]]|[[:punct:]]+$',
  '[[:word:]]+',
  '[a[:digit:]b]+',
  '\\S+\\s\\S',
  '\\D\\W',
  '(?<a1>.)(?<a2>.)?',
] as const;

/** Random patterns that PCRE2 takes: text made with the tree. */
const { node } = fc.letrec<{ node: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('a', 'b', 'c', 'A', '/', '.', '\\.', '[ab]', '[^a]', '[a-c]', '\\w', '\\d', '\\s', '\\n', '-', '\\xe9'),
    fc.tuple(fc.constantFrom('(', '(?:', '(?i:', '(?>', '(?=', '(?!'), tie('node')).map(([open, body]) => `${open}${body})`),
  ),
  node: fc.oneof(
    { maxDepth: 4 },
    tie('atom'),
    fc
      .tuple(
        tie('atom').filter((atom) => !/^\(\?[=!]/.test(atom)),
        fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '*+', '++', '{0,1}+'),
      )
      .map((parts) => parts.join('')),
    fc.tuple(tie('node'), tie('node')).map((parts) => parts.join('')),
    fc.tuple(tie('node'), tie('node')).map(([left, right]) => `(${left}|${right})`),
    fc.constantFrom('^', '$', '\\b', '\\B', '^/', '(?<name>a|b)'),
  ),
}));

const subject = fc
  .array(
    fc.constantFrom(
      'a',
      'b',
      'c',
      'd',
      'A',
      'B',
      'x',
      'F',
      'o',
      'k',
      'é',
      'É',
      '\u212a',
      ' ',
      '\n',
      '\r',
      '\t',
      '1',
      '2',
      '-',
      '_',
      '.a',
      '/b',
      'foo',
      'bar',
      'abc',
      '.php',
      '\u0085',
    ),
    { maxLength: 9 },
  )
  .map((parts) => `/a${parts.join('')}`);

/** Numbers of this run: another seed can be given to look further. */
const SEED = Number(process.env['WHY403_SEED'] ?? 403);

describe.skipIf(!hasNginx)('patterns', () => {
  it(`match and capture as in nginx (seed ${SEED})`, async () => {
    const random = fc.sample(fc.record({ pattern: node, caseless: fc.boolean() }), { numRuns: 500, seed: SEED }).filter(isUnique());
    const cases: readonly Case[] = [...RULES.map((pattern) => ({ pattern, caseless: false })), ...random];
    const subjects = [
      ...fc.sample(subject, { numRuns: 60, seed: SEED }),
      '/',
      '/a\n',
      '/Foobar',
      '/foobar',
      '/ab',
      '/aab',
      '/aaaab',
      '/abab',
      '/a.b',
      '/café',
      '/K',
      '/d\n\nb\nc',
    ];
    const patterns = cases.map((one) => compilePattern(one.pattern, { caseless: one.caseless }));

    await using lab = await startLab({
      http: ({ port }) =>
        asBytes(`
        map_hash_max_size 65536; variables_hash_max_size 8192;
        ${cases.map((one, at) => `map $uri $p${at} { volatile; default "0"; ${writeWord(`~${one.caseless ? '*' : ''}${one.pattern}`)} "1|$1|$2|$3"; }`).join('\n')}
        server { listen 127.0.0.1:${port(0)}; merge_slashes off; return 200 "${cases.map((_, at) => `$p${at}`).join('\x01')}"; }`),
    });

    const disagreements: string[] = [];
    let unknown = 0;
    for (const text of subjects) {
      const bytes = Buffer.from(text, 'utf8').toString('latin1');
      const target = Array.from(bytes, (char) =>
        /[A-Za-z0-9/_-]/.test(char) ? char : `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
      ).join('');
      const answer = await lab.get(target);
      const real = answer?.body.split('\x01') ?? [];
      expect(real).toHaveLength(cases.length);
      for (const [at, pattern] of patterns.entries()) {
        const found = match(pattern, bytes);
        if (found.state === 'unknown') {
          unknown++;
          continue;
        }
        const ours = found.state === 'matched' ? `1|${[1, 2, 3].map((group) => found.groups[group] ?? '').join('|')}` : '0';
        if (ours !== real[at])
          disagreements.push(
            `${JSON.stringify(cases[at])} on ${JSON.stringify(bytes)}: ${JSON.stringify(ours)}, nginx ${JSON.stringify(real[at])}`,
          );
      }
    }
    expect(disagreements.slice(0, 20)).toEqual([]);
    expect(unknown / (cases.length * subjects.length)).toBeLessThan(0.02);
  });
});

/** The lab writes configurations as latin1. */
function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function isUnique(): (one: Case) => boolean {
  const seen = new Set<string>();
  return ({ pattern, caseless }) => {
    const key = `${String(caseless)}${pattern}`;
    // Duplicate names need (?J); nginx refuses a pattern that holds the same name twice.
    const isNew = !seen.has(key) && pattern.split('?<name>').length <= 2;
    seen.add(key);
    return isNew;
  };
}
