/*
 * Control characters of both sets (ESC and CSI steer a terminal), format characters (bidi overrides
 * reorder what is read, zero-width ones hide), line and paragraph separators, and lone surrogates.
 * See Unicode TR 36, "Trojan Source" (CVE-2021-42574) and ECMA-48.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

function escape(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code === 0x0a) return '\\n';
  if (code === 0x0d) return '\\r';
  if (code === 0x09) return '\\t';
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}

/**
 * Text from a server, a file or a log made safe to show on one line: what could steer a terminal or
 * deceive a reader stands there as a visible escape such as `\x1b` or `\u202e`. A backslash stays as it
 * is, so that quoted regular expressions read as written.
 */
export function terminalLine(text: string): string {
  return text.replace(UNSAFE, escape);
}

/** The same for text of several lines: line feeds and tabs stay. A carriage return before a line feed is dropped. */
export function terminalBlock(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(UNSAFE, (char) => (char === '\n' || char === '\t' ? char : escape(char)));
}

/** Whether showing the text as it is could steer a terminal or deceive a reader. */
export function isSafeForTerminal(text: string): boolean {
  return text.search(UNSAFE) === -1;
}
