import { type Example, parseExample } from './case.ts';

/** A cause's doc.md, as far as the tests hold it to anything. */
export interface Page {
  /** The text of its first heading, or null without one. */
  readonly heading: string | null;
  readonly refuses: readonly PageExample[];
  readonly passes: readonly PageExample[];
}

export interface PageExample {
  /** Where its fence opens. */
  readonly line: number;
  readonly example: Example;
}

const HEADING = /^# +(.+?) *$/;
const FENCE = /^(`{3,}|~{3,}) *(.*?) *$/;

/** Reads the first heading, and every block fenced as `yaml refuses` or `yaml passes`. */
export function parsePage(text: string, file: string): Page {
  const lines = text.split('\n');
  const refuses: PageExample[] = [];
  const passes: PageExample[] = [];
  let heading: string | null = null;
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    heading ??= HEADING.exec(line)?.[1] ?? null;
    const [, mark, info] = FENCE.exec(line) ?? [];
    if (mark === undefined) continue;
    const end = lines.indexOf(mark, index + 1);
    if (end === -1) throw new Error(`${file}:${index + 1}: this block is never closed.`);
    const into = info === 'yaml refuses' ? refuses : info === 'yaml passes' ? passes : null;
    const body = lines.slice(index + 1, end).join('\n');
    into?.push({ line: index + 1, example: parseExample(body, file, index + 2) });
    index = end;
  }
  return { heading, refuses, passes };
}
