import { type Codes, DIGIT, HORIZONTAL, inverted, NEWLINE, SPACE, Unsupported, VERTICAL, WORD } from './node.ts';
import type { Reader } from './reader.ts';

const PLAIN: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 };
const SETS: Readonly<Record<string, Codes>> = { d: DIGIT, w: WORD, s: SPACE, h: HORIZONTAL, v: VERTICAL };

/** What a backslash and what follows it stand for, when that is one character or a set of them; else null. */
export function readEscape(reader: Reader, isInClass: boolean): Codes | null {
  const start = reader.at;
  if (reader.isAtEnd) throw new Unsupported('a backslash at the end of the pattern');
  const code = reader.code();
  const char = String.fromCodePoint(code);
  if (!/[A-Za-z0-9]/.test(char)) return [code, code];
  const plain = PLAIN[char];
  if (plain !== undefined) return [plain, plain];
  const set = SETS[char.toLowerCase()];
  if (set !== undefined) {
    if (reader.isUtf && (char.toLowerCase() === 'h' || char.toLowerCase() === 'v')) throw new Unsupported(`\\${char} in UTF mode`);
    return char === char.toLowerCase() ? set : inverted(set, reader.max);
  }
  if (char === 'b' && isInClass) return [8, 8];
  if (char === 'N' && !isInClass && reader.peek() !== '{') return inverted([NEWLINE, NEWLINE], reader.max);
  if (char === 'C' && !isInClass && !reader.isUtf) return [0, reader.max];
  if (char === 'c') {
    const control = reader.code();
    if (control < 32 || control > 126) throw new Unsupported('\\c with such a character');
    const upper = control >= 97 && control <= 122 ? control - 32 : control;
    return [upper ^ 64, upper ^ 64];
  }
  const number = readNumeric(reader, char, isInClass);
  if (number !== null) {
    if (number > reader.max) throw new Unsupported('a character code that is too large');
    return [number, number];
  }
  reader.at = start;
  return null;
}

/** Character codes in hexadecimal or octal; null when it is none (a reference to a group, say). */
function readNumeric(reader: Reader, char: string, isInClass: boolean): number | null {
  if (char === 'x') {
    const braced = reader.match(/\{([0-9a-fA-F]+)\}/y);
    if (braced !== null) return Number.parseInt(braced[1] ?? '', 16);
    const digits = reader.match(/[0-9a-fA-F]{0,2}/y)?.[0] ?? '';
    return digits === '' ? 0 : Number.parseInt(digits, 16);
  }
  if (char === 'o') {
    const braced = reader.match(/\{([0-7]+)\}/y);
    if (braced === null) throw new Unsupported('\\o without braces');
    return Number.parseInt(braced[1] ?? '', 8);
  }
  if (char === '0') return Number.parseInt(`0${reader.match(/[0-7]{0,2}/y)?.[0] ?? ''}`, 8);
  if (isInClass && /[1-7]/.test(char)) return Number.parseInt(char + (reader.match(/[0-7]{0,2}/y)?.[0] ?? ''), 8);
  return null;
}
