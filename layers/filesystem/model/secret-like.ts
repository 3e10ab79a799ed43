/** Names of files that nobody should be handed over the web, with what they are. */
const SECRET: readonly (readonly [RegExp, string])[] = [
  [/^\.env(?:\..+)?$/i, 'a file of environment secrets'],
  [/^\.(?:git|svn|hg|bzr)$/i, 'a version control folder'],
  [/^\.git(?:credentials|config)$|^\.git-credentials$/, 'a version control credential file'],
  [/^\.ht[\w-]+/i, "a web server's own control file"],
  [/^\.(?:ssh|gnupg|aws|azure|kube|docker)$/i, 'a folder of keys'],
  [/^\.(?:netrc|pgpass|my\.cnf|npmrc|pypirc|bash_history|mysql_history)$/, 'a private file of an account'],
  [/^id_(?:rsa|dsa|ecdsa|ed25519)(?:\..*)?$/, 'a private key'],
  [/\.(?:key|pfx|p12|jks|keystore|kdbx|ppk)$/i, 'a private key or key store'],
  [/(?:^|[._-])priv(?:ate)?[._-]?key.*\.pem$|^privkey\d*\.pem$|(?:^|[._-])key\.pem$/i, 'a private key'],
  [/\.(?:bak|backup|old|orig|save|swp|swo)$|~$|\.(?:sql|dump)(?:\.(?:gz|bz2|xz|zst))?$/i, 'a backup or dump'],
  [/\.sqlite3?$/i, 'a database'],
  [/^\.DS_Store$/i, 'a list of the names beside it'],
  [/^(?:wp-config\.php|database\.yml|secrets?\.(?:ya?ml|json|toml)|credentials(?:\.json)?)$/i, 'a file of credentials'],
  [/^(?:shadow|gshadow|sudoers)-?$/, 'a password file of the system'],
];

/**
 * What a path seems to keep secret, going by the names of its components, or null. Then a refusal is right and
 * must not be lifted by a tool.
 */
export function secretLike(path: string): string | null {
  for (const name of path.split('/')) {
    const hit = SECRET.find(([pattern]) => pattern.test(name));
    if (hit !== undefined) return `${name} is ${hit[1]}`;
  }
  return null;
}
