import { readClass } from './class.ts';
import { readEscape } from './escape.ts';
import { inverted, NEWLINE, type Node, type Parsed, Unsupported } from './node.ts';
import { type Options, Reader } from './reader.ts';

interface Context {
  readonly reader: Reader;
  groups: number;
  readonly names: { name: string; number: number }[];
  /** How many groups the whole pattern has: decides what `\12` means. */
  readonly total: number;
  depth: number;
}

const MAX_DEPTH = 100;

/** Reads a pattern as PCRE2 10.42 does with nginx's options. Throws `Unsupported`. `source` is bytes as text. */
export function parsePattern(source: string, isCaseless: boolean, decode: (bytes: string) => string): Parsed {
  const lead = /^\(\*(?:UTF8|UTF)\)/.exec(source)?.[0];
  const isUtf = lead !== undefined;
  const body = isUtf ? decode(source.slice(lead.length)) : source;
  if (body.startsWith('(*')) throw new Unsupported(body.slice(0, 20));
  const options: Options = { i: isCaseless, m: false, s: false, x: false, U: false };
  const read = (total: number): { context: Context; root: Node } => {
    const context: Context = { reader: new Reader(body, isUtf), groups: 0, names: [], total, depth: 0 };
    const root = readChoice(context, options);
    if (!context.reader.isAtEnd) throw new Unsupported('an unmatched closing parenthesis');
    return { context, root };
  };
  const first = read(0);
  // Only a pattern with references reads differently once the number of groups is known.
  const { context, root } = first.context.groups > 0 && /\\[1-9]/.test(body) ? read(first.context.groups) : first;
  const bad = context.names.find(({ number }) => number > context.groups);
  if (bad !== undefined) throw new Unsupported('a name for a group that is not there');
  return { root, groups: context.groups, names: context.names, isUtf };
}

/** Alternatives up to a closing parenthesis. An option set inside holds to the end of the group, over bars too. */
function readChoice(context: Context, options: Options): Node {
  if (++context.depth > MAX_DEPTH) throw new Unsupported('parentheses nested too deep');
  const branches: Node[] = [];
  let items: Node[] = [];
  let now = options;
  const { reader } = context;
  while (!reader.isAtEnd && reader.peek() !== ')') {
    if (reader.take('|')) {
      branches.push(sequence(items));
      items = [];
      continue;
    }
    const switched = readOptions(reader, now);
    if (switched !== null) {
      now = switched;
      continue;
    }
    if (skip(reader, now)) continue;
    const quoted = reader.match(/\\Q([^]*?)(?:\\E|$)/y);
    if (quoted !== null) {
      const inner = new Reader(quoted[1] ?? '', reader.isUtf);
      while (!inner.isAtEnd) items.push(literal(context, inner.code(), now));
      const last = items.at(-1);
      if (last !== undefined && inner.text !== '') items[items.length - 1] = readQuantifier(reader, last, now, false);
      continue;
    }
    if (reader.take('\\E')) continue;
    const isGrouped = reader.peek() === '(';
    items.push(readQuantifier(reader, readAtom(context, now), now, isGrouped));
  }
  branches.push(sequence(items));
  context.depth--;
  return branches.length === 1 ? sequence(items) : { kind: 'choice', branches };
}

function sequence(items: readonly Node[]): Node {
  const [only] = items;
  return items.length === 1 && only !== undefined ? only : { kind: 'sequence', items };
}

/** Comments, and blanks in extended mode. */
function skip(reader: Reader, options: Options): boolean {
  if (reader.take('(?#')) {
    const end = reader.text.indexOf(')', reader.at);
    if (end < 0) throw new Unsupported('an unclosed comment');
    reader.at = end + 1;
    return true;
  }
  return options.x && reader.match(/[\t-\r ]+|#[^\n]*\n?/y) !== null;
}

/** `(?i)` and the like, without a colon: the options from here on; null when there are none. */
function readOptions(reader: Reader, options: Options): Options | null {
  const found = reader.match(/\(\?(\^?[imsxUJ]*(?:-[imsxU]*)?)\)/y);
  return found === null ? null : switched(options, found[1] ?? '');
}

function switched(options: Options, letters: string): Options {
  if (letters.includes('xx')) throw new Unsupported('the option xx');
  const [on = '', off = ''] = letters.split('-');
  const base = on.startsWith('^') ? { i: false, m: false, s: false, x: false, U: options.U } : options;
  const is = (letter: keyof Options): boolean => !off.includes(letter) && (on.includes(letter) || base[letter]);
  return { i: is('i'), m: is('m'), s: is('s'), x: is('x'), U: is('U') };
}

function literal({ reader }: Context, code: number, options: Options): Node {
  return { kind: 'codes', codes: reader.folded([code, code], options) };
}

function readAtom(context: Context, options: Options): Node {
  const { reader } = context;
  if (reader.peek() === '(') return readGroup(context, options);
  if (reader.take('[')) return { kind: 'codes', codes: readClass(reader, options) };
  if (reader.take('.')) return { kind: 'codes', codes: options.s ? [0, reader.max] : inverted([NEWLINE, NEWLINE], reader.max) };
  if (reader.take('^')) return { kind: 'assertion', at: options.m ? 'line-start' : 'start' };
  if (reader.take('$')) return { kind: 'assertion', at: options.m ? 'line-end' : 'last-line' };
  if (reader.take('\\')) return readBackslash(context, options);
  if (/[*+?]/.test(reader.peek()) || isQuantifier(reader)) throw new Unsupported('a quantifier with nothing to repeat');
  return literal(context, reader.code(), options);
}

function isQuantifier(reader: Reader): boolean {
  return /^\{[0-9]+(?:,[0-9]*)?\}/.test(reader.text.slice(reader.at, reader.at + 16));
}

const ASSERTIONS: Readonly<Record<string, Node>> = {
  A: { kind: 'assertion', at: 'start' },
  // Matches only where the match began to look, which for nginx is the start of the subject.
  G: { kind: 'assertion', at: 'start' },
  z: { kind: 'assertion', at: 'end' },
  Z: { kind: 'assertion', at: 'last-line' },
  b: { kind: 'assertion', at: 'word-edge' },
  B: { kind: 'assertion', at: 'no-word-edge' },
};

function readBackslash(context: Context, options: Options): Node {
  const { reader } = context;
  const codes = readEscape(reader, false);
  if (codes !== null) {
    const isSingle = codes.length === 2 && codes[0] === codes[1];
    return { kind: 'codes', codes: isSingle ? reader.folded(codes, options) : codes };
  }
  const assertion = ASSERTIONS[reader.peek()];
  if (assertion !== undefined) {
    reader.at++;
    return assertion;
  }
  if (reader.take('R')) {
    const pair: Node = { kind: 'sequence', items: [codesOf(13), codesOf(10)] };
    return { kind: 'atomic', body: { kind: 'choice', branches: [pair, { kind: 'codes', codes: [10, 13, 133, 133] }] } };
  }
  return readReference(context, options);
}

function codesOf(code: number): Node {
  return { kind: 'codes', codes: [code, code] };
}

function readReference(context: Context, options: Options): Node {
  const { reader } = context;
  const reference = (numbers: readonly number[]): Node => ({ kind: 'reference', numbers, isCaseless: options.i });
  const digits = reader.match(/[1-9][0-9]*/y)?.[0];
  if (digits !== undefined) {
    const number = Number(digits);
    if (number < 10 || number <= context.total) {
      if (number > context.total && context.total > 0) throw new Unsupported('a reference to a group that is not there');
      return reference([number]);
    }
    // More digits than groups: up to three octal ones, else the digit itself.
    reader.at -= digits.length;
    const octal = reader.match(/[0-7]{1,3}/y)?.[0];
    if (octal === undefined) return literal(context, reader.code(), options);
    return literal(context, Number.parseInt(octal, 8) & 255, options);
  }
  const relative = reader.match(/g(?:\{(-?[0-9]+)\}|(-?[0-9]+))/y);
  if (relative !== null) {
    const number = Number(relative[1] ?? relative[2]);
    return reference([number < 0 ? context.groups + 1 + number : number]);
  }
  const named = reader.match(/(?:k<(\w+)>|k'(\w+)'|[gk]\{(\w+)\})/y);
  if (named !== null) return reference(numbersOf(context, named[1] ?? named[2] ?? named[3] ?? ''));
  throw new Unsupported(`\\${reader.peek()}`);
}

function numbersOf(context: Context, name: string): readonly number[] {
  const numbers = context.names.filter((one) => one.name === name).map((one) => one.number);
  if (numbers.length === 0) throw new Unsupported('a reference to a name further on');
  return numbers;
}

function readGroup(context: Context, options: Options): Node {
  const { reader } = context;
  if (reader.match(/\((?!\?|\*)/y) !== null) return capturing(context, options, null);
  const named = reader.match(/\(\?(?:P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')/y);
  if (named !== null) return capturing(context, options, named[1] ?? named[2] ?? '');
  const back = reader.match(/\(\?P=(\w+)\)/y);
  if (back !== null) return { kind: 'reference', numbers: numbersOf(context, back[1] ?? ''), isCaseless: options.i };
  if (reader.take('(?>')) return { kind: 'atomic', body: closed(context, options) };
  const look = reader.match(/\(\?(<?)([=!])/y);
  if (look !== null) {
    return { kind: 'look', isAhead: look[1] === '', isNegative: look[2] === '!', body: closed(context, options) };
  }
  const scoped = reader.match(/\(\?(\^?[imsxUJ]*(?:-[imsxU]*)?):/y);
  if (scoped !== null) return closed(context, switched(options, scoped[1] ?? ''));
  throw new Unsupported(`${reader.peek(4)}…`);
}

function capturing(context: Context, options: Options, name: string | null): Node {
  const number = ++context.groups;
  if (name !== null) context.names.push({ name, number });
  return { kind: 'group', number, body: closed(context, options) };
}

function closed(context: Context, options: Options): Node {
  const body = readChoice(context, options);
  if (!context.reader.take(')')) throw new Unsupported('an unclosed parenthesis');
  return body;
}

/** The quantifier behind an atom, if there is one; PCRE2 refuses a second. */
function readQuantifier(reader: Reader, atom: Node, options: Options, isGrouped: boolean): Node {
  while (skip(reader, options)) continue;
  const found = reader.match(/(?:([*+?])|\{([0-9]+)(?:(,)([0-9]*))?\})([?+]?)/y);
  if (found === null) return atom;
  if (atom.kind === 'assertion' && !isGrouped) throw new Unsupported('a repeated assertion');
  const [, sign, low, comma, high, suffix] = found;
  const min = sign === undefined ? Number(low) : sign === '+' ? 1 : 0;
  const max = sign !== undefined ? (sign === '?' ? 1 : Infinity) : comma === undefined ? min : high === '' ? Infinity : Number(high);
  if (max < min || min > 65_535 || (max !== Infinity && max > 65_535)) throw new Unsupported('numbers in a quantifier that PCRE2 refuses');
  const repeat: Node = { kind: 'repeat', body: atom, min, max, isLazy: (suffix === '?') !== options.U };
  return suffix === '+' ? { kind: 'atomic', body: { ...repeat, isLazy: false } } : repeat;
}
