/** Accounts that distributions give to web and application servers. */
const SERVER_ACCOUNTS: ReadonlySet<string> = new Set([
  'www-data',
  'www',
  'http',
  'httpd',
  'apache',
  'nginx',
  'wwwrun',
  'caddy',
  'lighttpd',
  'haproxy',
  'lsadm',
  'nobody',
  'nogroup',
  'php-fpm',
]);

/** Whether a user or group of that name is one that servers run as. */
export function isServerAccount(name: string): boolean {
  return SERVER_ACCOUNTS.has(name);
}
