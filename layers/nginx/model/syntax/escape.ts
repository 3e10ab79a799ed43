const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['t', '\t'],
  ['r', '\r'],
  ['n', '\n'],
]);

/** What nginx makes of a word: it drops a backslash only before a quote or a backslash, and knows `\t`, `\r`, `\n`. */
export function unescapeWord(text: string): string {
  let backslash = text.indexOf('\\');
  if (backslash < 0) return text;
  const parts: string[] = [];
  let from = 0;
  while (backslash >= 0) {
    const plain = ESCAPES.get(text.charAt(backslash + 1));
    let next = backslash + 1;
    if (plain !== undefined) {
      parts.push(text.slice(from, backslash), plain);
      next = from = backslash + 2;
    }
    backslash = text.indexOf('\\', next);
  }
  parts.push(text.slice(from));
  return parts.join('');
}

/** Writes `value` as a word that nginx reads back the same, in quotes only where it must. */
export function writeWord(value: string): string {
  const escaped = value.replace(/\\(?=["'\\trn]|$)/g, '\\\\');
  if (value !== '' && !/[\s;{"']/.test(value) && !/^[}#]/.test(value) && escaped === value) return value;
  return `"${escaped.replace(/"/g, '\\"')}"`;
}
