import type { Place } from '@why403/terms/place';
import type { ConfigurationError, Directive, SourceFile, Word } from './ast.ts';
import { type Reader, readDirective, startReading } from './directive-reader.ts';
import { holdsLua, skipLuaBlock } from './lua-block.ts';

export type Parsed = { readonly ok: SourceFile } | { readonly error: ConfigurationError };

/** A directive whose block is still open. */
interface Growing extends Directive {
  span: Place;
  block: Directive[] | null;
  body: { start: number; end: number } | null;
  verbatim: string | null;
}

/**
 * Reads one configuration file by nginx's grammar. Names and arguments of directives are not judged:
 * `unknown directive` is for the model to say. Nothing of `text` is lost; see `print`.
 *
 * A byte order mark belongs to the first word, as in nginx, which then doesn't know that directive.
 */
export function parse(text: string, path: string, about: { readonly real?: string; readonly encoding?: 'utf8' | 'latin1' } = {}): Parsed {
  const encoding = about.encoding ?? 'utf8';
  const reader = startReading(text, path, encoding);
  const top: Directive[] = [];
  const open: Growing[] = [];
  let siblings = top;
  let parent: Growing | null = null;

  for (;;) {
    const words: Word[] = [];
    const ending = readDirective(reader, words);
    if (typeof ending === 'object') return { error: ending };
    switch (ending) {
      case 'end':
        if (parent !== null) return { error: endInside(reader) };
        return { ok: { encoding, path, real: about.real ?? path, text, directives: top } };
      case 'close': {
        if (parent === null || parent.body === null) return { error: strayClose(reader) };
        parent.body.end = reader.at - 1;
        parent.span = through(parent.span, reader.at);
        open.pop();
        parent = open.at(-1) ?? null;
        siblings = parent?.block ?? top;
        break;
      }
      case 'simple':
      case 'block': {
        const directive = grow(words, reader.at, parent);
        siblings.push(directive);
        if (ending === 'simple') break;
        directive.body = { start: reader.at, end: reader.at };
        if (holdsLua(directive.name)) {
          const error = closeLua(reader, directive);
          if (error !== null) return { error };
          break;
        }
        directive.block = [];
        open.push(directive);
        parent = directive;
        siblings = directive.block;
        break;
      }
    }
  }
}

function grow(words: readonly Word[], end: number, parent: Directive | null): Growing {
  // The reader never ends a directive that has no words.
  const [name] = words as readonly [Word, ...Word[]];
  const args: string[] = [];
  for (let index = 1; index < words.length; index++) args.push(words[index]?.value ?? '');
  return {
    name: name.value,
    words,
    args,
    place: name.place,
    span: through(name.place, end),
    block: null,
    body: null,
    verbatim: null,
    parent,
  };
}

function closeLua(reader: Reader, directive: Growing): ConfigurationError | null {
  const start = reader.at;
  const error = skipLuaBlock(reader);
  if (error !== null) return error;
  directive.body = { start, end: reader.at - 1 };
  directive.verbatim = reader.text.slice(start, reader.at - 1);
  directive.span = through(directive.span, reader.at);
  return null;
}

function through(place: Place, end: number): Place {
  return { file: place.file, line: place.line, column: place.column, start: place.start, end };
}

function here(reader: Reader, at: number): Place {
  const end = Math.min(at + 1, reader.text.length);
  return { file: reader.file, line: reader.line, column: at - reader.lineStart + 1, start: at, end };
}

function endInside(reader: Reader): ConfigurationError {
  return { message: 'unexpected end of file, expecting "}"', place: here(reader, reader.at) };
}

function strayClose(reader: Reader): ConfigurationError {
  return { message: 'unexpected "}"', place: here(reader, reader.at - 1) };
}
