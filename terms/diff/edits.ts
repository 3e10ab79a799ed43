import type { Edit } from '@why403/decision';

/**
 * Carries out edits of one text; offsets refer to the text as it was. Insertions at one spot keep their
 * order, and an edit that is asked for twice is done once. Edits that contradict each other throw a
 * RangeError: whoever made them has to choose.
 */
export function applyEdits(text: string, edits: readonly Pick<Edit, 'start' | 'end' | 'text'>[]): string {
  const ordered = edits
    .map((edit, index) => ({ ...edit, index }))
    .filter((edit) => !edits.slice(0, edit.index).some((earlier) => isSame(earlier, edit)))
    .sort((a, b) => a.start - b.start || a.end - b.end || a.index - b.index);
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, text: replacement } of ordered) {
    if (start < at || end < start || end > text.length) {
      throw new RangeError(`edits overlap or leave the text at offset ${start}`);
    }
    parts.push(text.slice(at, start), replacement);
    at = end;
  }
  parts.push(text.slice(at));
  return parts.join('');
}

type Change = Pick<Edit, 'start' | 'end' | 'text'>;

function isSame(a: Change, b: Change): boolean {
  return a.start === b.start && a.end === b.end && a.text === b.text;
}
