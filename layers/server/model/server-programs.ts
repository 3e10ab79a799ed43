/**
 * Programs that answer HTTP, by the short name the kernel keeps for them. Only used where the sockets of
 * other accounts' processes may not be seen, to say which process it probably is.
 */
export const SERVER_PROGRAMS: ReadonlySet<string> = new Set([
  'nginx',
  'openresty',
  'angie',
  'tengine',
  'apache2',
  'httpd',
  'caddy',
  'haproxy',
  'traefik',
  'envoy',
  'lighttpd',
  'varnishd',
  'h2o',
  'litespeed',
  'openlitespeed',
]);
