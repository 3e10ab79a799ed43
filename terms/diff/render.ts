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
  const patch = structuredPatch('', '', before, after, '', '', { context: 3 });
  const hunks = patch.hunks.flatMap((hunk) => withoutHidden(hunk, hides));
  const name = headerName(real);
  return `--- ${name}\n+++ ${name}\n${hunks.map(renderHunk).join('')}`;
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
