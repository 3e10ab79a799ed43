import { treeOf, USUAL_ACCOUNTS, identityOf } from '@why403/filesystem';
import { compile, type ModelRequest, walk, type World } from '@why403/nginx/model';
import { assemble, type Configuration, parse } from '@why403/nginx/model/syntax';

const SITE = `events {}
http {
    map $http_user_agent $bad_agent { default 0; ~*(?:masscan|zgrab) 1; }
    server {
        listen 80 default_server;
        return 444;
    }
    server {
        listen 80;
        server_name shop.example www.shop.example;
        root /srv/www;
        index index.html index.php;
        if ($bad_agent) { return 403; }
        location / { try_files $uri $uri/ /index.html; }
        location ^~ /.well-known/ { }
        location ~ /\\. { deny all; }
        location /admin/ { allow 10.0.0.0/8; allow 192.0.2.0/24; deny all; satisfy any; auth_basic "Admin"; auth_basic_user_file /etc/nginx/htpasswd; }
        location /internal/ { internal; }
        location ~ \\.php$ { fastcgi_pass unix:/run/php.sock; }
        location ~* \\.(?:png|jpg|css|js)$ { expires 30d; access_log off; }
        location = /health { return 204; }
        location /downloads/ { alias /srv/files/; autoindex on; }
    }
}
`;

const TARGETS = [
  '/',
  '/index.html',
  '/admin/users',
  '/.git/config',
  '/app.css',
  '/health',
  '/downloads/',
  '/missing/page',
  '/.well-known/x',
  '/internal/a',
];

/** How many requests a second the model alone decides on a site of the usual size, measured for so many milliseconds. */
export function decisionsPerSecond(during: number): number {
  const configuration = read(SITE);
  const worker = identityOf(USUAL_ACCOUNTS, 'www-data');
  if (worker === null) throw new Error('no www-data among the usual accounts');
  const tree = treeOf({
    '/srv/www/index.html': '-rw-r--r-- root root',
    '/srv/www/app.css': '-rw-r--r-- root root',
    '/srv/files/a.zip': '-rw-r--r-- root root',
    '/etc/nginx/htpasswd': '-rw-r--r-- root root = a:{PLAIN}b',
  });
  const world: World = {
    tree,
    worker,
    verifyPassword: () => false,
    md5: () => null,
    upstream: () => 200,
    authRequest: () => null,
    modules: null,
  };
  const plan = compile(configuration, { user: 'www-data' });
  const requests = TARGETS.map(
    (target): ModelRequest => ({
      method: 'GET',
      target,
      httpVersion: '1.1',
      headers: [
        ['Host', 'shop.example'],
        ['User-Agent', 'Mozilla/5.0 (X11; Linux x86_64)'],
        ['Accept', '*/*'],
      ],
      peer: { address: '198.51.100.7', port: 40_000 },
      local: { address: '127.0.0.1', port: 80 },
      tls: null,
      time: 1_700_000_000,
    }),
  );
  let decided = 0;
  const begin = performance.now();
  while (performance.now() - begin < during) {
    for (const request of requests) walk(plan, request, world);
    decided += requests.length;
  }
  return decided / ((performance.now() - begin) / 1000);
}

function read(text: string): Configuration {
  const path = '/etc/nginx/nginx.conf';
  const parsed = parse(text, path, { real: path, encoding: 'utf8' });
  if ('error' in parsed) throw new Error(parsed.error.message);
  const assembled = assemble(path, '/etc/nginx', new Map([[path, parsed.ok]]), () => ({ paths: [] }));
  if ('error' in assembled) throw new Error(assembled.error.message);
  return assembled.ok;
}
