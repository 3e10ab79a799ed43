/**
 * A pattern for one component of a path, as glob(3) without flags reads it: `*`, `?`, `[…]` with ranges,
 * classes and `!`, a backslash before a character that is meant literally, and a leading dot that only a
 * written dot matches.
 */
export function componentMatcher(pattern: string): (name: string) => boolean {
  const source: string[] = [];
  let at = 0;
  while (at < pattern.length) {
    const char = pattern.charAt(at);
    const bracket = char === '[' ? readBracket(pattern, at) : null;
    if (bracket !== null) {
      source.push(bracket.source);
      at = bracket.end;
    } else if (char === '\\' && at + 1 < pattern.length) {
      source.push(literal(pattern.charAt(at + 1)));
      at += 2;
    } else {
      source.push(char === '*' ? '[^]*' : char === '?' ? '[^]' : literal(char));
      at += 1;
    }
  }
  const expression = new RegExp(`^${source.join('')}$`);
  const takesDot = pattern.startsWith('.') || pattern.startsWith('\\.');
  return (name) => (takesDot || !name.startsWith('.')) && expression.test(name);
}

/** Whether the text has anything for glob(3) to match; a backslash alone doesn't make a pattern. */
export function hasWildcard(text: string): boolean {
  return /[*?[]/.test(text);
}

/** A component without wildcards as the name it stands for. */
export function literalComponent(pattern: string): string {
  return pattern.replace(/\\([^])/g, '$1');
}

/** POSIX character classes in the C locale. */
const CLASSES: ReadonlyMap<string, string> = new Map([
  ['alnum', 'A-Za-z0-9'],
  ['alpha', 'A-Za-z'],
  ['blank', ' \\t'],
  ['cntrl', '\\x00-\\x1f\\x7f'],
  ['digit', '0-9'],
  ['graph', '\\x21-\\x7e'],
  ['lower', 'a-z'],
  ['print', '\\x20-\\x7e'],
  ['punct', '\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e'],
  ['space', ' \\t-\\r'],
  ['upper', 'A-Z'],
  ['xdigit', '0-9A-Fa-f'],
]);

/** A bracket expression that begins at `start`, or null when it isn't closed and `[` is an ordinary character. */
function readBracket(pattern: string, start: number): { readonly source: string; readonly end: number } | null {
  let at = start + 1;
  const negated = /[!^]/.test(pattern.charAt(at));
  if (negated) at += 1;
  const first = at;
  const members: string[] = [];
  while (at < pattern.length) {
    const char = pattern.charAt(at);
    // A bracket in the first place is a member.
    if (char === ']' && at > first) return { source: `[${negated ? '^' : ''}${members.join('')}]`, end: at + 1 };
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(at));
    const set = CLASSES.get(named?.[1] ?? '');
    if (named !== null && set !== undefined) {
      members.push(set);
      at += named[0].length;
      continue;
    }
    const low = member(pattern, at);
    const isRange = pattern.charAt(low.end) === '-' && low.end + 1 < pattern.length && pattern.charAt(low.end + 1) !== ']';
    const high = isRange ? member(pattern, low.end + 1) : low;
    // A range that runs backwards holds nothing.
    if (low.char <= high.char) members.push(`${unit(low.char)}-${unit(high.char)}`);
    at = high.end;
  }
  return null;
}

function member(pattern: string, at: number): { readonly char: string; readonly end: number } {
  const escaped = pattern.charAt(at) === '\\' && at + 1 < pattern.length ? 1 : 0;
  return { char: pattern.charAt(at + escaped), end: at + escaped + 1 };
}

function unit(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function literal(char: string): string {
  return /[A-Za-z0-9_]/.test(char) ? char : unit(char);
}
