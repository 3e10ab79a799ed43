import type { Place } from '@why403/terms/place';
import type { ConfigurationError, Word } from './ast.ts';
import { unescapeWord } from './escape.ts';

/** A position in a file's text that moves forward one directive at a time. */
export interface Reader {
  readonly text: string;
  readonly file: string;
  readonly encoding: 'utf8' | 'latin1';
  /** The next character to read. */
  at: number;
  line: number;
  /** The offset at which `line` begins. */
  lineStart: number;
}

/** What ended a directive: `;`, `{`, the `}` of the block around it, or the end of the file. */
export type Ending = 'simple' | 'block' | 'close' | 'end';

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const DOUBLE_QUOTE = 34;
const SHARP = 35;
const DOLLAR = 36;
const SINGLE_QUOTE = 39;
const CLOSE_PARENTHESIS = 41;
const SEMICOLON = 59;
const BACKSLASH = 92;
const OPEN = 123;
const CLOSE = 125;

/** nginx reads a file through a buffer of this many bytes; one parameter or comment must fit in it. */
const BUFFER = 4096;

/** The most bytes that one UTF-16 code unit takes in UTF-8. */
const WIDEST = 3;

export function startReading(text: string, file: string, encoding: 'utf8' | 'latin1'): Reader {
  return { text, file, encoding, at: 0, line: 1, lineStart: 0 };
}

/**
 * Reads the words of one directive into `words` as nginx's `ngx_conf_read_token` does
 * (core/ngx_conf_file.c): quotes and `#` count only where a word begins, and `${` opens no block.
 */
export function readDirective(reader: Reader, words: Word[]): Ending | ConfigurationError {
  const { text } = reader;
  for (;;) {
    const blank = skipBlank(reader);
    if (blank !== null) return blank;
    if (reader.at >= text.length) return words.length > 0 ? unexpectedEnd(reader) : 'end';
    const char = text.charCodeAt(reader.at);
    if (char === SEMICOLON || char === OPEN || char === CLOSE) {
      if ((char === CLOSE) !== (words.length === 0)) return unexpected(reader);
      reader.at++;
      return char === SEMICOLON ? 'simple' : char === OPEN ? 'block' : 'close';
    }
    const ended = char === DOUBLE_QUOTE || char === SINGLE_QUOTE ? readQuoted(reader, words, char) : readBare(reader, words);
    if (ended !== null) return ended;
  }
}

/** Passes spaces and comments. */
function skipBlank(reader: Reader): ConfigurationError | null {
  const { text } = reader;
  const length = text.length;
  let at = reader.at;
  for (; at < length; at++) {
    const char = text.charCodeAt(at);
    if (char === LF) {
      reader.line++;
      reader.lineStart = at + 1;
    } else if (char === SHARP) {
      const newline = text.indexOf('\n', at);
      const stop = newline < 0 ? length : newline + 1;
      if (overflows(reader, at, stop)) return tooLong(reader, at, 0, place(reader, at));
      at = (newline < 0 ? length : newline) - 1;
    } else if (char !== SPACE && char !== TAB && char !== CR) {
      break;
    }
  }
  reader.at = at;
  return null;
}

/** A closing quote wants a space, `;`, `{` or `)` behind it; the parenthesis begins the next word. */
function readQuoted(reader: Reader, words: Word[], quote: number): Ending | ConfigurationError | null {
  const { text } = reader;
  const length = text.length;
  const begun = place(reader, reader.at);
  const inside = begun.start + 1;
  let at = inside;
  for (; at < length; at++) {
    const char = text.charCodeAt(at);
    if (char === quote) break;
    if (char === BACKSLASH) at++;
    if (char === LF || (char === BACKSLASH && text.charCodeAt(at) === LF)) newline(reader, at);
  }
  if (at >= length) {
    if (overflows(reader, inside, length)) return tooLong(reader, inside, quote, begun);
    reader.at = length;
    return unexpectedEnd(reader);
  }
  if (overflows(reader, inside, at + 1)) return tooLong(reader, inside, quote, begun);
  const end = at + 1;
  words.push({
    raw: text.slice(begun.start, end),
    value: unescapeWord(text.slice(inside, at)),
    place: upTo(begun, end),
  });
  reader.at = end;
  if (end >= length) return unexpectedEnd(reader);

  const next = text.charCodeAt(end);
  const space = isSpace(next);
  // nginx still counts from the word's start when it reads the character behind the space.
  if (overflows(reader, inside, Math.min(length, space ? end + 2 : end + 1))) return tooLong(reader, inside, 0, begun);
  if (next === SEMICOLON || next === OPEN) {
    reader.at = end + 1;
    return next === SEMICOLON ? 'simple' : 'block';
  }
  return space || next === CLOSE_PARENTHESIS ? null : unexpected(reader);
}

/** A word without quotes runs to a space, `;` or `{`, except for a brace right behind `$`. */
function readBare(reader: Reader, words: Word[]): Ending | ConfigurationError | null {
  const { text } = reader;
  const length = text.length;
  const begun = place(reader, reader.at);
  const { start } = begun;
  let at = start;
  let variable = false;
  let escapes = false;
  for (; at < length; at++) {
    const char = text.charCodeAt(at);
    if (char === BACKSLASH) {
      escapes = true;
      variable = false;
      at++;
      if (text.charCodeAt(at) === LF) newline(reader, at);
    } else if (char === DOLLAR) {
      variable = true;
    } else if (char === OPEN && variable) {
      // `variable` stays on: nginx lets `${{` pass as well.
    } else if (isSpace(char) || char === SEMICOLON || char === OPEN) {
      break;
    } else {
      variable = false;
    }
  }
  if (at >= length) {
    if (overflows(reader, start, length)) return tooLong(reader, start, 0, begun);
    reader.at = length;
    return unexpectedEnd(reader);
  }
  const next = text.charCodeAt(at);
  const space = isSpace(next);
  if (overflows(reader, start, Math.min(length, space ? at + 2 : at + 1))) return tooLong(reader, start, 0, begun);
  const raw = text.slice(start, at);
  words.push({ raw, value: escapes ? unescapeWord(raw) : raw, place: upTo(begun, at) });
  // A space is left for `skipBlank`, which counts lines.
  reader.at = space ? at : at + 1;
  if (space) return null;
  return next === SEMICOLON ? 'simple' : 'block';
}

function isSpace(char: number): boolean {
  return char === SPACE || char === LF || char === TAB || char === CR;
}

function newline(reader: Reader, at: number): void {
  reader.line++;
  reader.lineStart = at + 1;
}

/** A place whose end isn't known yet. */
type Begun = { -readonly [K in keyof Place]: Place[K] };

function place(reader: Reader, at: number): Begun {
  const end = Math.min(at + 1, reader.text.length);
  return { file: reader.file, line: reader.line, column: at - reader.lineStart + 1, start: at, end };
}

/** Ends a place that nobody else has yet: one object for each word is what makes large files quick. */
function upTo(begun: Begun, end: number): Place {
  begun.end = end;
  return begun;
}

/** Whether nginx would have to read a byte beyond its buffer while the parameter from `start` goes on. */
function overflows(reader: Reader, start: number, stop: number): boolean {
  if ((stop - start) * WIDEST <= BUFFER) return false;
  return byteLength(reader, start, stop) > BUFFER;
}

/** The bytes that a slice of the text takes in the file. */
function byteLength(reader: Reader, start: number, end: number): number {
  if (reader.encoding === 'latin1') return end - start;
  let bytes = 0;
  for (let at = start; at < end; at++) {
    const unit = reader.text.charCodeAt(at);
    // Each half of a surrogate pair stands for two of its four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
  }
  return bytes;
}

function tooLong(reader: Reader, start: number, quote: number, begun: Place): ConfigurationError {
  const message =
    quote === 0
      ? `too long parameter "${reader.text.slice(start, start + 10)}..." started`
      : `too long parameter, probably missing terminating "${String.fromCharCode(quote)}" character`;
  return { message, place: begun };
}

function unexpected(reader: Reader): ConfigurationError {
  const char = String.fromCodePoint(reader.text.codePointAt(reader.at) ?? 0);
  return { message: `unexpected "${char}"`, place: place(reader, reader.at) };
}

function unexpectedEnd(reader: Reader): ConfigurationError {
  reader.at = reader.text.length;
  return { message: 'unexpected end of file, expecting ";" or "}"', place: place(reader, reader.at) };
}
