import type { Directive, SourceFile } from './ast.ts';

/** How a file is written: what an edit must keep to. */
export interface Layout {
  readonly newline: '\n' | '\r\n';
  /** One step of indentation. */
  readonly step: string;
}

export function layoutOf(file: SourceFile): Layout {
  const newline = file.text.indexOf('\n');
  const crlf = newline > 0 && file.text.charAt(newline - 1) === '\r';
  return { newline: crlf ? '\r\n' : '\n', step: findStep(file, file.directives) ?? '    ' };
}

/** What the first nested directive on a line of its own is indented by beyond its parent. */
function findStep(file: SourceFile, directives: readonly Directive[]): string | null {
  for (const { span, block } of directives) {
    if (block === null || block.length === 0) continue;
    const outer = indentation(file.text, span.start);
    for (const child of block) {
      const inner = indentation(file.text, child.span.start);
      if (outer === null || inner === null) continue;
      if (inner.length > outer.length && inner.startsWith(outer)) return inner.slice(outer.length);
    }
    const deeper = findStep(file, block);
    if (deeper !== null) return deeper;
  }
  return null;
}

export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Behind the line's newline, or the end of the text. */
export function nextLine(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  return newline < 0 ? text.length : newline + 1;
}

/** The spaces before `offset` on its line, or null when something else stands there. */
export function indentation(text: string, offset: number): string | null {
  const before = text.slice(lineStart(text, offset), offset);
  return /^[ \t]*$/.test(before) ? before : null;
}

/** The spaces that begin the line of `offset`, whatever follows them. */
export function lineIndentation(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? '';
}

/** Whether nothing but spaces or a comment follows on the line. */
export function endsLine(text: string, offset: number): boolean {
  return /^[ \t\r]*(?:#|\n|$)/.test(text.slice(offset, nextLine(text, offset)));
}
