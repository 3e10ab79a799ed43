import { describe, expect, test } from 'vitest';
import { assemble, type Configuration, parse } from '../model/syntax/index.ts';
import type { CopyPlan } from './copy-plan.ts';
import { rewrite } from './rewrite.ts';

function configurationOf(text: string): Configuration {
  const parsed = parse(text, '/etc/nginx/nginx.conf');
  if ('error' in parsed) throw new Error(parsed.error.message);
  const assembled = assemble('/etc/nginx/nginx.conf', '/usr/share/nginx/', new Map([['/etc/nginx/nginx.conf', parsed.ok]]), () => ({
    paths: [],
  }));
  if ('error' in assembled) throw new Error(assembled.error.message);
  return assembled.ok;
}

function copyOf(text: string, more: Partial<CopyPlan> = {}) {
  return rewrite({
    configuration: configurationOf(text),
    globals: [],
    directory: '/copy',
    tree: '/copy/tree',
    sockets: '/copy/s',
    endpoints: new Map([['v4 * 80', { plain: '127.0.0.1:4000', proxied: 'unix:/copy/s/t0', address: '192.0.2.1', port: 80 }]]),
    clientAddress: 'told',
    user: null,
    listening: { isMasterRoot: true, localhost: ['127.0.0.1'] },
    build: null,
    certificate: '/copy/certificate.pem',
    errorLog: '/copy/error.log',
    logLevel: 'info',
    isReadable: () => false,
    upstream: () => 200,
    authRequest: () => null,
    ...more,
  });
}

const inServer = (text: string, more: Partial<CopyPlan> = {}) => copyOf(`http { server { ${text} } }`, more);
const line = (text: string, name: string): string | undefined => text.split('\n').find((one) => one.startsWith(`${name} `));

describe('the private configuration', () => {
  test.each([
    ['root /srv/www;', 'root /copy/tree/srv/www;'],
    ['root html;', 'root /copy/tree/usr/share/nginx/html;'],
    ['root "/srv/my site";', 'root "/copy/tree/srv/my site";'],
    ['root /srv/$host;', 'root /copy/tree/srv/$host;'],
    ['root sites/$host;', 'root /copy/tree/usr/share/nginx/sites/$host;'],
    ['root $document_root/x;', 'root $document_root/x;'],
    ['alias /srv/$1;', 'alias /copy/tree/srv/$1;'],
    ['auth_basic_user_file htpasswd;', 'auth_basic_user_file /copy/tree/etc/nginx/htpasswd;'],
    ['disable_symlinks on from=/srv;', 'disable_symlinks on from=/copy/tree/srv;'],
    ['if (-f /srv/down) { return 503; }', 'if (-f /copy/tree/srv/down) {'],
    ['if (!-e $request_filename) { return 404; }', 'if (!-e $request_filename) {'],
    ['if ($request_filename ~ ^/srv/a) { return 404; }', 'if ($request_filename ~ ^/copy/tree/srv/a) {'],
    ['ssl_certificate_key /etc/ssl/private/x.key;', 'ssl_certificate_key /copy/certificate.pem;'],
    ['ssl_client_certificate ca.pem;', 'ssl_client_certificate /copy/certificate.pem;'],
    ['set $p $server_port;', 'set $p $why403_server_port;'],
  ])('has %s as %s', (before, after) => {
    const { text, blockers } = inServer(before);
    expect(text.split('\n')).toContain(after);
    expect(blockers).toEqual([]);
  });

  test('finds the kind of a path through variables', () => {
    const maps = 'map $host $base { default /srv/a; b.example /srv/b; } map $host $odd { default /srv/a; b.example b; }';
    expect(copyOf(`http { ${maps} server { root $base/www; } }`).text).toContain('root /copy/tree$base/www;');
    expect(copyOf(`http { ${maps} server { root $odd; } }`).blockers).toHaveLength(1);
    expect(inServer('set $r "";\nroot $http_x;').blockers).toEqual([expect.stringContaining('nginx.conf:2')]);
  });

  test('writes, contacts and runs nothing of the site', () => {
    const { text, blockers } = copyOf(`
      user web; pid /run/nginx.pid; error_log /var/log/nginx/error.log; worker_processes auto; daemon on; load_module modules/ngx_http_echo_module.so;
      load_module modules/ngx_stream_module.so; stream { server { listen 5432; } } mail { }
      http { access_log /var/log/nginx/access.log; resolver 192.0.2.53; proxy_cache_path /var/cache/n keys_zone=a:1m; upstream app { server app.invalid; }
        client_body_temp_path /var/lib/nginx/body; log_by_lua_block { os.execute("x") } init_by_lua_file /etc/x.lua;
        server { listen 80; listen 81; mirror /m; proxy_cache a; proxy_set_header Authorization "Bearer canary";
          location / { proxy_pass http://app; proxy_store /srv/store; } location ~ php { fastcgi_pass 127.0.0.1:9000; fastcgi_param SCRIPT x; } } }`);
    expect(blockers).toEqual([]);
    expect(text).not.toMatch(
      /\/var\/|\/run\/|192\.0\.2\.53|app\.invalid|9000|lua|canary|stream|mail|mirror|upstream|store|daemon|listen 81/,
    );
    expect(text.match(/proxy_pass http:\/\/unix:\/copy\/s\/stub-200;/g)).toHaveLength(2);
    expect(line(text, 'user')).toBe('user web;');
    expect(line(text, 'load_module')).toBe('load_module /usr/share/nginx/modules/ngx_http_echo_module.so;');
  });

  test.each([
    'content_by_lua_block { ngx.exit(403) }',
    'access_by_lua_file x.lua;',
    'js_content main.x;',
    'auth_pam "x";',
    'modsecurity on;',
  ])('can not stand for a server with %s', (directive) => {
    expect(inServer(directive).blockers).toHaveLength(1);
    expect(copyOf(`http { server { } server { listen 8080; ${directive} } }`).blockers).toEqual([]);
  });

  test('listens on loopback only, with what chooses the server', () => {
    const { text } = copyOf(
      'http { server { listen 80 default_server backlog=9; server_name a; } server { server_name b; } server { listen 443 ssl; } }',
    );
    expect(text.match(/^listen .*$/gm)).toEqual([
      'listen 127.0.0.1:4000 default_server;',
      'listen unix:/copy/s/t0 default_server proxy_protocol;',
      'listen 127.0.0.1:4000;',
      'listen unix:/copy/s/t0 proxy_protocol;',
    ]);
  });

  test('takes the address from the copy where the site would resolve it', () => {
    const text = 'http { set_real_ip_from 10.0.0.0/8; real_ip_header X-Real-IP; server { } }';
    expect(copyOf(text).text.match(/^(?:set_real_ip_from|real_ip_header) .*$/gm)).toEqual([
      'set_real_ip_from unix:;',
      'real_ip_header proxy_protocol;',
    ]);
    expect(copyOf(text, { clientAddress: 'own' }).text.match(/^(?:set_real_ip_from|real_ip_header) .*$/gm)).toEqual([
      'set_real_ip_from 10.0.0.0/8;',
      'real_ip_header X-Real-IP;',
    ]);
  });

  test('plays what auth_request asks only when its answer is known', () => {
    expect(inServer('auth_request /auth;').text).toContain('auth_request /auth;');
    const { text } = inServer('auth_request /auth;', { authRequest: () => 401 });
    expect(text).toContain('auth_request /.why403-auth-401;');
    expect(text).toContain('location = /.why403-auth-401 {');
    expect(text).toContain('return 401;');
  });

  test('keeps values that look like directives, and variables that only other servers set', () => {
    const { text } = copyOf(
      'http { map $uri $x { access_log 1; default 0; } server { listen 81; set $only 1; } server { if ($only) { return 403; } } }',
    );
    expect(text).toContain('access_log 1;');
    expect(text).toContain('set $only "";');
  });
});
