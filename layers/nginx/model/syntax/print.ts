import type { Directive, SourceFile } from './ast.ts';

/** The file's text again, put together from its words and what stands between them. Gives back every byte. */
export function print(file: SourceFile): string {
  const parts: string[] = [];
  let at = 0;
  const gap = (to: number): void => {
    parts.push(file.text.slice(at, to));
    at = to;
  };
  const visit = (directive: Directive): void => {
    for (const word of directive.words) {
      gap(word.place.start);
      parts.push(word.raw);
      at = word.place.end;
    }
    if (directive.body !== null) {
      gap(directive.body.start);
      if (directive.verbatim !== null) {
        parts.push(directive.verbatim);
        at = directive.body.end;
      }
      for (const child of directive.block ?? []) visit(child);
      gap(directive.body.end);
    }
    gap(directive.span.end);
  };
  for (const directive of file.directives) visit(directive);
  gap(file.text.length);
  return parts.join('');
}
