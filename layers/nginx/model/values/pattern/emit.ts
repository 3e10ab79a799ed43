import { type Codes, type Node, pairsOf } from './node.ts';

/** A plain pattern as source for JavaScript's RegExp; every PCRE group becomes one of the same number. */
export function emit(node: Node, isUtf: boolean): string {
  const inside = (part: Node): string => emit(part, isUtf);
  switch (node.kind) {
    case 'codes':
      return emitCodes(node.codes, isUtf);
    case 'sequence':
      return node.items.map((item) => (item.kind === 'choice' ? `(?:${inside(item)})` : inside(item))).join('');
    case 'choice':
      return node.branches.map((branch) => (branch.kind === 'choice' ? `(?:${inside(branch)})` : inside(branch))).join('|');
    case 'group':
      return `(${inside(node.body)})`;
    case 'repeat':
      return `${atom(node.body, isUtf)}${quantifier(node.min, node.max)}${node.isLazy ? '?' : ''}`;
    case 'look':
      return `(?${node.isAhead ? '' : '<'}${node.isNegative ? '!' : '='}${inside(node.body)})`;
    case 'assertion':
      return ASSERTION[node.at];
    case 'atomic':
    case 'reference':
      throw new TypeError('only plain patterns are handed to JavaScript');
  }
}

const ASSERTION = {
  start: '^',
  end: '$',
  'last-line': '(?:$|(?=\\n$))',
  // PCRE: not behind a newline that ends the subject.
  'line-start': '(?:^|(?<=\\n)(?!$))',
  'line-end': '(?=\\n|$)',
  'word-edge': '\\b',
  'no-word-edge': '\\B',
} as const;

function atom(node: Node, isUtf: boolean): string {
  const text = emit(node, isUtf);
  return node.kind === 'codes' || node.kind === 'group' ? text : `(?:${text})`;
}

function quantifier(min: number, max: number): string {
  if (max === Infinity) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  if (min === 0 && max === 1) return '?';
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

function emitCodes(codes: Codes, isUtf: boolean): string {
  const pairs = pairsOf(codes);
  const [only] = pairs;
  if (pairs.length === 1 && only !== undefined && only[0] === only[1]) return escapeCode(only[0], isUtf);
  const ranges = pairs.map(([low, high]) =>
    low === high ? escapeCode(low, isUtf) : `${escapeCode(low, isUtf)}-${escapeCode(high, isUtf)}`,
  );
  return `[${ranges.join('')}]`;
}

function escapeCode(code: number, isUtf: boolean): string {
  const char = String.fromCodePoint(code);
  if (/[A-Za-z0-9/_]/.test(char)) return char;
  return code > 0xff && isUtf ? `\\u{${code.toString(16)}}` : `\\x${code.toString(16).padStart(2, '0')}`;
}
