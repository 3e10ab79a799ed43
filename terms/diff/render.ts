import { structuredPatch } from 'diff';

interface Hunk {
  readonly oldStart: number;
  readonly newStart: number;
  /** Each with its ` `, `-`, `+`, or the `\` of a missing newline. */
  readonly lines: readonly string[];
}

/**
 * The unified diff from `before` to `after` for the file at the resolved path `real`: it applies with
 * `patch -p0 FILE`. Empty when nothing changes. Line ends are kept as they are.
 *
 * No context line for which `hides` holds is shown, so that a diff carries no secret it doesn't change:
 * the hunk gets less context or is divided there.
 */
export function renderDiff(real: string, before: string, after: string, hides: (line: string) => boolean = () => false): string {
  if (before === after) return '';
  const part = differingPart(before, after);
  const patch = structuredPatch('', '', part.before, part.after, '', '', { context: CONTEXT });
  const hunks = patch.hunks
    .map((hunk) => ({ ...hunk, oldStart: hunk.oldStart + part.linesBefore, newStart: hunk.newStart + part.linesBefore }))
    .flatMap((hunk) => withoutHidden(hunk, hides));
  const name = headerName(real);
  return `--- ${name}\n+++ ${name}\n${hunks.map(renderHunk).join('')}`;
}

/** Lines of context on either side of a change, as diff -u has them. */
const CONTEXT = 3;
/** Far more than that, because among lines that are alike a change may be placed a little earlier or later. */
const KEPT = 60;

/**
 * Leaves out most of the lines that both texts begin and end with: of a long file only a few differ, and a
 * comparison of all takes longer than everything else.
 */
function differingPart(before: string, after: string): { readonly before: string; readonly after: string; readonly linesBefore: number } {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head + STRIDE < most && before.slice(head, head + STRIDE) === after.slice(head, head + STRIDE)) head += STRIDE;
  while (head < most && before.charCodeAt(head) === after.charCodeAt(head)) head += 1;
  let tail = 0;
  while (tail + STRIDE < most - head && fromEnd(before, tail) === fromEnd(after, tail)) tail += STRIDE;
  while (tail < most - head && before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)) tail += 1;
  const start = linesBack(before, head, KEPT);
  const rest = before.length - linesOn(before, before.length - tail, KEPT);
  return {
    before: before.slice(start, before.length - rest),
    after: after.slice(start, after.length - rest),
    linesBefore: before.slice(0, start).split('\n').length - 1,
  };
}

/** How much is compared at once. */
const STRIDE = 4096;

function fromEnd(text: string, skipped: number): string {
  const end = text.length - skipped;
  return text.slice(end - STRIDE, end);
}

/** Where the line that holds `at` begins, or one of the lines before it. */
function linesBack(text: string, at: number, lines: number): number {
  const start = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
  return start === 0 || lines === 0 ? start : linesBack(text, start - 1, lines - 1);
}

/** Where the line that holds `at` ends, its newline included, or one of the lines after it. */
function linesOn(text: string, at: number, lines: number): number {
  const newline = text.indexOf('\n', at);
  if (newline < 0) return text.length;
  return lines === 0 ? newline + 1 : linesOn(text, newline + 1, lines - 1);
}

/** Divides a hunk at each context line that must not be shown; parts without a change fall away. */
function withoutHidden(hunk: Hunk, hides: (line: string) => boolean): readonly Hunk[] {
  const parts: Hunk[] = [];
  let { oldStart, newStart } = hunk;
  let lines: string[] = [];
  const close = (): void => {
    if (lines.some((line) => line.startsWith('-') || line.startsWith('+'))) parts.push({ oldStart, newStart, lines });
    oldStart += count(lines, '-');
    newStart += count(lines, '+');
    lines = [];
  };
  let hidden = false;
  for (const line of hunk.lines) {
    // The remark on a missing newline belongs to the line before it.
    if (line.startsWith('\\') && hidden) continue;
    hidden = line.startsWith(' ') && hides(line.slice(1));
    if (!hidden) {
      lines.push(line);
      continue;
    }
    close();
    oldStart++;
    newStart++;
  }
  close();
  return parts;
}

function renderHunk({ oldStart, newStart, lines }: Hunk): string {
  const range = (start: number, sign: '-' | '+'): string => {
    const length = count(lines, sign);
    // A side without lines names the line before it (GNU diff's unified format).
    return `${length === 0 ? start - 1 : start},${length}`;
  };
  return `@@ -${range(oldStart, '-')} +${range(newStart, '+')} @@\n${lines.join('\n')}\n`;
}

/** How many lines of that side a hunk has; context belongs to both. */
function count(lines: readonly string[], sign: '-' | '+'): number {
  return lines.filter((line) => line.startsWith(' ') || line.startsWith(sign)).length;
}

/** Names with control characters or quotes are written as C strings, as GNU diff writes and patch reads them. */
function headerName(real: string): string {
  const escaped = Array.from(real, escapeInName).join('');
  if (escaped !== real) return `"${escaped}"`;
  // A tab ends a name that has spaces.
  return real.includes(' ') ? `${real}\t` : real;
}

function escapeInName(char: string): string {
  const code = char.charCodeAt(0);
  const plain = code >= 0x20 && code !== 0x7f && char !== '"' && char !== '\\';
  return plain ? char : `\\${code.toString(8).padStart(3, '0')}`;
}
