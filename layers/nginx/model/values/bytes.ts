import type { SourceFile } from '../syntax/ast.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const BEYOND_ASCII = /[^\u0000-\u007f]/;

/** Text of a file as nginx sees it: one UTF-16 unit per byte. Free for ASCII. */
export function toBytes(text: string, encoding: SourceFile['encoding']): string {
  if (encoding === 'latin1' || !BEYOND_ASCII.test(text)) return text;
  let bytes = '';
  for (const byte of encoder.encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}

/** Bytes as the text of a path or for a reader: decoded when they are valid UTF-8, else left as they are. */
export function fromBytes(bytes: string): string {
  if (!BEYOND_ASCII.test(bytes)) return bytes;
  try {
    return decoder.decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));
  } catch {
    // Not UTF-8: the file system's names are bytes, and latin1 keeps them apart.
    return bytes;
  }
}

/** ASCII lower case, the only one nginx knows: letters beyond it are left alone. */
export function lowerCase(bytes: string): string {
  return BEYOND_ASCII.test(bytes) ? bytes.replace(/[A-Z]+/g, (run) => run.toLowerCase()) : bytes.toLowerCase();
}

/** What ngx_escape_uri escapes with NGX_ESCAPE_ARGS: everything below 0x21, `"#%&+;<>?\^`{|}` and 0x7f up. */
const ARGS_SPECIAL = /[\u0000-\u0020"#%&+;<>?\\^`{|}\u007f-\u00ff]/g;

/** Escapes a group for use in arguments or a redirect, as the rewrite module does. */
export function escapeArgs(bytes: string): string {
  return bytes.replace(ARGS_SPECIAL, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

const HEX = /^[0-9a-fA-F]$/;

/**
 * ngx_unescape_uri with NGX_UNESCAPE_REDIRECT, applied to a rewrite's redirect: decodes `%26` to `%7e` up to
 * the first `?`, keeps other escapes, and (as nginx does) loses the percent sign of a broken one.
 */
export function unescapeRedirect(bytes: string): string {
  if (!bytes.includes('%')) return bytes;
  let out = '';
  for (let at = 0; at < bytes.length; at++) {
    const char = bytes.charAt(at);
    if (char === '?') return out + bytes.slice(at);
    if (char !== '%') {
      out += char;
      continue;
    }
    const high = bytes.charAt(++at);
    if (!HEX.test(high)) {
      out += high;
      continue;
    }
    const low = bytes.charAt(++at);
    if (!HEX.test(low)) continue;
    const code = Number.parseInt(high + low, 16);
    if (code === 0x3f) return `${out}?${bytes.slice(at + 1)}`;
    out += code > 0x25 && code < 0x7f ? String.fromCharCode(code) : `%${high}${low}`;
  }
  return out;
}
