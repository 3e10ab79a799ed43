import { secretLike } from '@why403/filesystem';

/**
 * Whether the refusal of a path is right nearly everywhere, by the one list of names that the file system's house
 * keeps. A path under `/.well-known/` is made to be public (RFC 8615) and never counts.
 */
export function isSensitivePath(target: string): boolean {
  const path = decoded(target.replace(/\?.*$/s, ''));
  return !/^\/\.well-known(?:\/|$)/.test(path) && secretLike(path) !== null;
}

function decoded(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Files that are programs: what a visitor should get is what they print, never their text. */
const SCRIPT = /\.(?:php\d?|phtml|phar|inc|cgi|pl|py|rb|lua|aspx?|jsp)$/i;

export function isScriptPath(target: string): boolean {
  return SCRIPT.test(decoded(target.replace(/\?.*$/s, '')));
}
