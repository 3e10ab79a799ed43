import { readEscape } from './escape.ts';
import { type Codes, inverted, pairsOf, POSIX, tidy, Unsupported } from './node.ts';
import type { Options, Reader } from './reader.ts';

type Pair = readonly [number, number];

/** A bracketed class, behind its `[`. */
export function readClass(reader: Reader, options: Options): Codes {
  const isNegated = reader.take('^');
  const pairs: Pair[] = [];
  let isFirst = true;
  for (;;) {
    if (reader.isAtEnd) throw new Unsupported('an unclosed class');
    if (reader.take('\\Q')) {
      readQuoted(reader, pairs);
      isFirst = false;
      continue;
    }
    if (reader.take('\\E')) continue;
    // A bracket right behind the opening one stands for itself.
    if (!isFirst && reader.take(']')) break;
    isFirst = false;
    const low = readMember(reader);
    if (!isSingle(low)) {
      pairs.push(...pairsOf(low));
      continue;
    }
    if (reader.peek() !== '-' || reader.peek(2) === '-]') {
      pairs.push(low);
      continue;
    }
    reader.at++;
    if (reader.take('\\E') && reader.peek() === ']') {
      pairs.push(low, [45, 45]);
      continue;
    }
    const high = readMember(reader);
    if (!isSingle(high)) throw new Unsupported('a range that ends in a set');
    if (high[0] < low[0]) throw new Unsupported('a range out of order');
    pairs.push([low[0], high[0]]);
  }
  const codes = reader.folded(tidy(pairs), options);
  return isNegated ? inverted(codes, reader.max) : codes;
}

function isSingle(codes: Codes | Pair): codes is Pair {
  return codes.length === 2 && codes[0] === codes[1];
}

function readQuoted(reader: Reader, pairs: Pair[]): void {
  while (!reader.isAtEnd && !reader.take('\\E')) {
    const code = reader.code();
    pairs.push([code, code]);
  }
}

function readMember(reader: Reader): Codes {
  const posix = reader.match(/\[:(\^?)([a-z]+):\]/y);
  if (posix !== null) {
    const codes = POSIX.get(posix[2] ?? '');
    if (codes === undefined) throw new Unsupported(`the class ${posix[0]}`);
    return posix[1] === '^' ? inverted(codes, reader.max) : codes;
  }
  if (reader.match(/\[[.=]/y) !== null) throw new Unsupported('collating elements');
  if (!reader.take('\\')) {
    const code = reader.code();
    return [code, code];
  }
  const codes = readEscape(reader, true);
  if (codes === null) throw new Unsupported(`\\${reader.peek()} in a class`);
  return codes;
}
