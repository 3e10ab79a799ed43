import { describe, expect, it } from 'vitest';
import { hasNginx, type Lab, startLab } from '../server.ts';
import { planOf, worldOf } from '../compare/judge.ts';
import { walk } from '../../model/walk.ts';
import type { Walk } from '../../model/trace.ts';

/** Sites as people write them, each with its ways of rewriting; `R` stands for the root. */
const SITES: Readonly<Record<string, string>> = {
  wordpress: `root R; index index.html index.php;
    location = /favicon.ico { log_not_found off; access_log off; }
    location ~* /(?:uploads|files)/.*\\.php$ { deny all; }
    location ~ /\\.(?!well-known) { deny all; }
    if (!-e $request_filename) { rewrite ^(.+)$ /index.html?q=$1 last; }
    rewrite /wp-admin$ $scheme://$host$uri/ permanent;
    location / { if (-f $request_filename) { break; } rewrite ^/old/(.*)$ /docs/$1 last; }
    location /docs { root R; }`,
  maintenance: `root R; set $off 0;
    if (-f R/maintenance) { set $off 1; }
    if ($remote_addr ~ "^127\\.0\\.0\\.[12]$") { set $off 0; }
    if ($uri ~ ^/public/) { set $off "\${off}p"; }
    if ($off = 1) { return 503; }
    error_page 503 @off; location @off { return 403 "off $uri"; }
    location / { }`,
  hotlinks: `root R;
    location ~ \\.(gif|png)$ { valid_referers none blocked server_names *.friend.test ~\\.google\\.; if ($invalid_referer) { return 403; } }
    location /deep/ { valid_referers example.com; location /deep/er/ { if ($invalid_referer = "1") { rewrite ^ /docs/a.html break; } } }`,
  agents: `root R;
    if ($bad) { return 403; }
    if ($http_user_agent ~* (wget|curl/[0-6])) { return 444; }
    if ($request_method !~ ^(GET|HEAD|POST)$) { return 405; }
    if ($args ~* "(select|union)(.+)from") { return 403; }
    location / { if ($http_cookie ~* "id=([^;]+)(?:;|$)") { set $id $1; } if ($id = "evil") { return 403; } }`,
  chain: `root R;
    rewrite ^/a/(.*)$ /b/$1;
    rewrite ^/b/(.*)$ /c/$1 last;
    rewrite ^/c/ /never;
    location /c/ { rewrite ^/c/(.*)\\.htm$ /docs/$1.html break; rewrite ^/c/(.*)$ /d/$1?from=c; return 403; }
    location /d/ { rewrite ^ /c/x last; }
    location /e/ { rewrite ^/e/(.*)$ /e/$1 last; }
    location /f { rewrite ^/f(.*) http://other.test$1? redirect; }
    location /g/ { alias R/docs/; rewrite ^/g/(.*)$ /g/$1 break; }
    location /h/ { internal; }
    location /i { rewrite ^/i /h/$uri; }`,
  evil: `root R/docs;
    location / { set $x 1; if ($arg_root) { root R; } if ($arg_late) { set $x 2; } if ($x = 2) { return 402; } }
    location /lists/ { if ($arg_open) { error_page 403 =200 /a.html; } deny all; }
    location /try/ { root R; try_files $uri /docs/a.html; if ($arg_if) { set $y 1; } }
    location /test/ { if ($arg_root) { root R; } if (-f $request_filename) { return 410; } if (-d $document_root/deep) { return 411; } return 404; }`,
  signed: `root R;
    location /s/ { secure_link $arg_md5,$arg_e; secure_link_md5 "$secure_link_expires$uri$remote_addr k"; if ($secure_link = "") { return 403; } if ($secure_link = "0") { return 410; } rewrite ^/s(.*)$ $1 break; }
    location /p/ { secure_link_secret k; if ($secure_link = "") { return 403; } rewrite ^ /docs/$secure_link; }`,
  links: `root R; disable_symlinks on from=$document_root;
    location /links/ { if (-f $request_filename) { return 410; } if (!-e $document_root/links) { return 411; } return 404; }
    location /owned/ { disable_symlinks if_not_owner; if (-f R/links/file) { return 410; } if (-d R/links/dir) { return 411; } return 404; }
    location /off/ { disable_symlinks off; if (-f R/links/file) { return 410; } return 404; }`,
  geo: `root R; real_ip_header X-Forwarded-For; set_real_ip_from 127.0.0.0/24; real_ip_recursive on;
    if ($allowed = no) { return 403; }
    location /split { if ($variant = b) { return 403; } try_files /docs/a.html =404; }
    location ~ ^/u/(?<user>[a-z]+)/ { if ($user !~ "^[ab]") { return 403; } rewrite ^/u/[^/]+/(.*)$ /docs/$1 break; }
    location /real { set_real_ip_from 127.0.1.0/24; if ($remote_addr = 10.0.0.1) { return 403; } allow 10.0.0.1; allow 127.0.0.0/8; deny all; try_files /docs/a.html =404; }`,
};

const PATHS = [
  '/links/file',
  '/links/dir/x',
  '/links/plain',
  '/owned/',
  '/off/',
  '/',
  '/docs/a.html',
  '/docs/',
  '/docs',
  '/none',
  '/old/a.html',
  '/old/b',
  '/.git/x',
  '/.well-known/x',
  '/uploads/x.php',
  '/public/x',
  '/x.png',
  '/deep/er/x',
  '/deep/x',
  '/a/x',
  '/b/a.htm',
  '/a/a.htm',
  '/c/zz',
  '/d/1',
  '/e/1',
  '/f/x?y=1',
  '/g/a.html',
  '/h/x',
  '/i',
  '/?root=1',
  '/a.html?root=1',
  '/docs/a.html?root=1&late=1',
  '/a.html?late=1',
  '/lists/a.html',
  '/lists/a.html?open=1',
  '/try/x',
  '/try/x?if=1',
  '/test/docs',
  '/test/x?root=1',
  '/docs/test?root=1',
  '/s/docs/a.html?md5=x&e=1',
  '/p/0/a.html',
  '/split',
  '/u/adam/a.html',
  '/u/carl/a.html',
  '/u/adam/none',
  '/real',
  '/a%20b?union+select+x+from',
  '/%2e%2e/x',
  '/wp-admin',
  '//docs//a.html',
  '/docs/a.html/x',
];
const VARIANTS: readonly { from: string; method: string; headers: Readonly<Record<string, string>> }[] = [
  { from: '127.0.0.1', method: 'GET', headers: {} },
  { from: '127.0.1.1', method: 'GET', headers: { 'X-Forwarded-For': '10.0.0.1', Referer: 'http://www.google.de/x' } },
  {
    from: '127.0.0.9',
    method: 'GET',
    headers: { 'X-Forwarded-For': '10.0.0.1, 127.0.0.3', Referer: 'http://evil.test/', Cookie: 'a=1; id=evil', 'User-Agent': 'Wget/1' },
  },
  {
    from: '127.0.0.2',
    method: 'POST',
    headers: { 'Content-Length': '0', Referer: 'https://example.com/', Cookie: 'id=good', 'User-Agent': 'BadBot' },
  },
  { from: '127.0.0.1', method: 'OPTIONS', headers: { Referer: 'x' } },
];

function predicted(
  lab: Lab,
  world: ReturnType<typeof worldOf>,
  plan: ReturnType<typeof planOf>,
  host: string,
  target: string,
  variant: (typeof VARIANTS)[number],
): Walk {
  return walk(
    plan,
    {
      method: variant.method,
      target,
      httpVersion: '1.1',
      headers: Object.entries({ Host: host, Connection: 'close', ...variant.headers }),
      peer: { address: variant.from, port: null },
      local: { address: '127.0.0.1', port: lab.port(0) },
      tls: null,
      time: Date.now() / 1000,
    },
    world,
  );
}

describe.skipIf(!hasNginx)('sites full of rewrites', () => {
  it('are walked to the status that nginx answers', async () => {
    await using lab = await startLab({
      tree: {
        maintenance: { type: 'file', text: '' },
        'index.html': { type: 'file', text: 'home' },
        'docs/a.html': { type: 'file', text: 'a' },
        'docs/index.html': { type: 'file', text: 'docs' },
        'docs/docs/inner.html': { type: 'file', text: 'x' },
        'deep/er/x': { type: 'file', text: 'x' },
        'links/plain': { type: 'file', text: 'x' },
        'links/file': { type: 'symlink', target: '../index.html' },
        'links/dir': { type: 'symlink', target: '../docs' },
        'x.png': { type: 'file', text: 'x' },
      },
      http: ({ port, root }) => `
        map $http_user_agent $bad { default 0; ~*bot 1; "" 0; }
        geo $remote_addr $allowed { default yes; 10.0.0.0/8 no; }
        split_clients $remote_addr$uri $variant { 50% a; * b; }
        ${Object.entries(SITES)
          .map(
            ([name, text]) =>
              `server { listen 127.0.0.1:${port(0)}; server_name ${name}.test; set $id ""; ${text.replaceAll(/\bR\b/g, root)} }`,
          )
          .join('\n')}`,
    });
    const plan = planOf(lab.config, lab.configPath, lab.directory);
    const world = worldOf(lab);
    const found: string[] = [];
    const unknown: string[] = [];
    for (const name of Object.keys(SITES)) {
      for (const target of PATHS) {
        for (const variant of VARIANTS) {
          const host = `${name}.test`;
          const answer = await lab.get(target, { from: variant.from, method: variant.method, headers: { Host: host, ...variant.headers } });
          const { answer: ours, checks } = predicted(lab, world, plan, host, target, variant);
          const asked = `${name} ${variant.method} ${target} from ${variant.from} ${JSON.stringify(variant.headers)}`;
          if (ours.state === 'undetermined') unknown.push(`${asked}: ${ours.missing.join('; ')}`);
          else if (ours.status !== (answer?.status ?? 444))
            found.push(`${asked}: ${ours.status}, nginx ${answer?.status ?? 'closed'} (${checks.map(({ says }) => says).join(' > ')})`);
        }
      }
    }
    expect(found.slice(0, 10), `${found.length} differ`).toEqual([]);
    expect(unknown.slice(0, 10), `${unknown.length} unknown`).toEqual([]);
  });
});
