/** Ways to set text off. Without color every one of them is the identity. */
export interface Style {
  readonly strong: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly place: (text: string) => string;
  readonly quiet: (text: string) => string;
}

const same = (text: string): string => text;

export const PLAIN: Style = { strong: same, good: same, bad: same, warn: same, place: same, quiet: same };

/** Wraps text at spaces to `width` characters; a word longer than that stands on a line of its own, unbroken, so that it can be copied. */
export function paragraph(text: string, width: number, indent: number): readonly string[] {
  const pad = ' '.repeat(indent);
  const room = Math.max(20, width - indent);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(pad + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(pad + line);
  return lines;
}
