/**
 * Paths whose refusal is right nearly everywhere: version control, environment and password files, keys,
 * dumps and backups. A path under `/.well-known/` is made to be public (RFC 8615) and never counts.
 */
const SENSITIVE =
  /(?:^|\/)(?:\.git|\.svn|\.hg|\.bzr|\.env(?:\.[\w.-]+)?|\.ht[\w-]+|\.ssh|\.aws|\.docker|\.npmrc|\.netrc|\.DS_Store|id_(?:rsa|dsa|ecdsa|ed25519)|wp-config\.php|composer\.lock|[^/]+\.(?:pem|key|p12|pfx|sql|bak|old|orig|swp|save|dump|sqlite3?)|[^/]+~)(?:\/|$)/i;

export function isSensitivePath(target: string): boolean {
  const path = decoded(target.replace(/\?.*$/s, ''));
  return !/^\/\.well-known(?:\/|$)/.test(path) && SENSITIVE.test(path);
}

function decoded(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Files that are programs: what a visitor should get is what they print, never their text. */
const SCRIPT = /\.(?:php\d?|phtml|phar|inc|cgi|pl|py|rb|lua|aspx?|jsp)$/i;

export function isScriptPath(target: string): boolean {
  return SCRIPT.test(decoded(target.replace(/\?.*$/s, '')));
}
