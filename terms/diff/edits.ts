import type { Edit } from '@why403/decision';

type Change = Pick<Edit, 'start' | 'end' | 'text'>;

/**
 * Carries out edits of one text; offsets refer to the text as it was. Insertions at one spot keep their
 * order, and an edit that is asked for twice is done once. Edits that fill the same blank stand in it one
 * below the other. Edits that contradict each other throw a RangeError: whoever made them has to choose.
 */
export function applyEdits(text: string, edits: readonly Change[]): string {
  const ordered = edits
    .map((edit, index) => ({ ...edit, index }))
    .filter((edit) => !edits.slice(0, edit.index).some((earlier) => isSame(earlier, edit)))
    .sort((a, b) => a.start - b.start || a.end - b.end || a.index - b.index);
  const parts: string[] = [];
  let at = 0;
  let last: Change | null = null;
  for (const change of ordered) {
    const { start, end, text: replacement } = change;
    if (last !== null && isSameBlank(text, last, change)) {
      parts.push(`${(parts.pop() ?? '').trimEnd()}${replacement}`);
      continue;
    }
    if (start < at || end < start || end > text.length) {
      throw new RangeError(`edits overlap or leave the text at offset ${start}`);
    }
    parts.push(text.slice(at, start), replacement);
    at = end;
    last = change;
  }
  parts.push(text.slice(at));
  return parts.join('');
}

function isSame(a: Change, b: Change): boolean {
  return a.start === b.start && a.end === b.end && a.text === b.text;
}

/** Whether both put lines of their own into the same empty place, such as the braces of an empty block. */
function isSameBlank(text: string, a: Change, b: Change): boolean {
  return a.start === b.start && a.end === b.end && /^\r?\n/.test(b.text) && /^\s*$/.test(text.slice(b.start, b.end));
}

/** Whether no text could take all these edits: two of them want different things of one spot of a file. */
export function contradict(edits: readonly Edit[]): boolean {
  return edits.some((one, index) =>
    edits.slice(index + 1).some((other) => {
      if (one.file !== other.file || isSame(one, other)) return false;
      const fillsToo = one.start === other.start && one.end === other.end && /^\r?\n/.test(other.text);
      return !fillsToo && one.start < other.end && other.start < one.end;
    }),
  );
}
