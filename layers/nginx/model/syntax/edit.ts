import type { Edit } from '@why403/decision';
import type { Configuration, Directive, SourceFile, Word } from './ast.ts';
import { endsLine, indentation, type Layout, layoutOf, lineIndentation, lineStart, nextLine } from './layout.ts';

/**
 * Edits of a configuration in the layout of the file they fall into, which may be an included one. `text`
 * is one or more directives without indentation; lines are divided by `\n`, and each tab that begins a
 * line stands for one step of the file's own indentation.
 */

type Files = Pick<Configuration, 'files'>;

/** Puts `text` on a line of its own above a directive. */
export function insertBefore(configuration: Files, directive: Directive, text: string): Edit {
  const file = fileOf(configuration, directive);
  const { start } = directive.span;
  const indent = indentation(file.text, start);
  if (indent === null) return edit(file, start, start, `${inline(text)} `);
  const at = start - indent.length;
  return edit(file, at, at, lines(text, indent, layoutOf(file)));
}

/** Puts `text` on a line of its own below a directive. */
export function insertAfter(configuration: Files, directive: Directive, text: string): Edit {
  const file = fileOf(configuration, directive);
  const { start, end } = directive.span;
  if (!endsLine(file.text, end)) return edit(file, end, end, ` ${inline(text)}`);
  const layout = layoutOf(file);
  const indent = indentation(file.text, start) ?? childIndentation(file, directive, layout);
  return belowLine(file, end, lines(text, indent, layout), layout);
}

/** Puts `text` first in a block. */
export function insertAtStart(configuration: Files, block: Directive, text: string): Edit {
  const file = fileOf(configuration, block);
  const { start, end } = bodyOf(block);
  const layout = layoutOf(file);
  if (isBlank(file.text, start, end)) return fill(file, block, text, layout);
  if (endsLine(file.text, start)) {
    return belowLine(file, start, lines(text, innerIndentation(file, block, layout), layout), layout);
  }
  return edit(file, start, start, /\s/.test(file.text.charAt(start)) ? ` ${inline(text)}` : ` ${inline(text)} `);
}

/** Puts `text` last in a block. */
export function insertAtEnd(configuration: Files, block: Directive, text: string): Edit {
  const file = fileOf(configuration, block);
  const { start, end } = bodyOf(block);
  const layout = layoutOf(file);
  if (isBlank(file.text, start, end)) return fill(file, block, text, layout);
  const indent = indentation(file.text, end);
  if (indent !== null) {
    const at = end - indent.length;
    return edit(file, at, at, lines(text, innerIndentation(file, block, layout), layout));
  }
  const spaced = /\s/.test(file.text.charAt(end - 1));
  return edit(file, end, end, spaced ? `${inline(text)} ` : ` ${inline(text)} `);
}

/** Puts `text` at the end of a file, outside of all blocks. */
export function appendToFile(configuration: Files, path: string, text: string): Edit {
  const file = configuration.files.get(path);
  if (file === undefined) throw new TypeError(`${path} is not a file of this configuration`);
  const layout = layoutOf(file);
  return belowLine(file, file.text.length, lines(text, '', layout), layout);
}

/** Takes a directive out, with its line and the comment behind it when nothing else stands there. */
export function remove(configuration: Files, directive: Directive): Edit {
  const file = fileOf(configuration, directive);
  const { start, end } = directive.span;
  const { text } = file;
  const first = indentation(text, start) !== null;
  if (first && endsLine(text, end)) return edit(file, lineStart(text, start), nextLine(text, end), '');
  // One space beside it goes too, so that its neighbors keep theirs.
  if (/[ \t]/.test(text.charAt(end))) return edit(file, start, end + 1, '');
  if (!first && /[ \t]/.test(text.charAt(start - 1))) return edit(file, start - 1, end, '');
  return edit(file, start, end, '');
}

/** Puts `text` in the place of a directive. */
export function replace(configuration: Files, directive: Directive, text: string): Edit {
  const file = fileOf(configuration, directive);
  const { start, end } = directive.span;
  const written = lines(text, lineIndentation(file.text, start), layoutOf(file)).trim();
  return edit(file, start, end, written);
}

/** Puts `text`, already written as a word, in the place of one. */
export function replaceWord(configuration: Files, word: Word, text: string): Edit {
  const file = configuration.files.get(word.place.file);
  if (file === undefined) throw new TypeError(`${word.place.file} is not a file of this configuration`);
  return edit(file, word.place.start, word.place.end, text);
}

function fileOf(configuration: Files, directive: Directive): SourceFile {
  const file = configuration.files.get(directive.place.file);
  if (file === undefined) throw new TypeError(`${directive.place.file} is not a file of this configuration`);
  return file;
}

function bodyOf(block: Directive): { readonly start: number; readonly end: number } {
  if (block.body === null) throw new TypeError(`${block.name} in line ${block.place.line} is not a block`);
  return block.body;
}

function edit(file: SourceFile, start: number, end: number, text: string): Edit {
  return { file: file.real, start, end, text };
}

function isBlank(text: string, start: number, end: number): boolean {
  return /^[ \t\r\n]*$/.test(text.slice(start, end));
}

/** An empty block gets its braces on lines of their own. */
function fill(file: SourceFile, block: Directive, text: string, layout: Layout): Edit {
  const { start, end } = bodyOf(block);
  const outer = lineIndentation(file.text, block.span.start);
  const inner = lines(text, outer + layout.step, layout);
  return edit(file, start, end, `${layout.newline}${inner}${outer}`);
}

/** The indentation that the block's directives have, or would have. */
function innerIndentation(file: SourceFile, block: Directive, layout: Layout): string {
  for (const child of block.block ?? []) {
    if (child.place.file !== block.place.file) continue;
    const indent = indentation(file.text, child.span.start);
    if (indent !== null) return indent;
  }
  return lineIndentation(file.text, block.span.start) + layout.step;
}

function childIndentation(file: SourceFile, directive: Directive, layout: Layout): string {
  const { parent } = directive;
  if (parent === null || parent.place.file !== directive.place.file) return lineIndentation(file.text, directive.span.start);
  return innerIndentation(file, parent, layout);
}

/** Whole lines below the line of `offset`, which may be the last one and lack its newline. */
function belowLine(file: SourceFile, offset: number, written: string, layout: Layout): Edit {
  const at = nextLine(file.text, offset);
  const open = at > 0 && file.text.charAt(at - 1) !== '\n';
  if (!open) return edit(file, at, at, written);
  return edit(file, at, at, layout.newline + written.slice(0, written.length - layout.newline.length));
}

function lines(text: string, indent: string, layout: Layout): string {
  return text
    .split('\n')
    .map((line) => {
      const depth = /^\t*/.exec(line)?.[0].length ?? 0;
      const rest = line.slice(depth);
      return rest === '' ? layout.newline : `${indent}${layout.step.repeat(depth)}${rest}${layout.newline}`;
    })
    .join('');
}

/** The same directives on one line, for a block that is written on one. */
function inline(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .join(' ');
}
