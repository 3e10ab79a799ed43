import { describe, expect, it } from 'vitest';
import { deciding, site } from './walk.fixture.ts';

const BASIC = 'auth_basic closed; auth_basic_user_file passwords;';
const FILES = {
  '/srv/index.html': '-rw-r--r-- root root',
  '/srv/a/index.html': '-rw-r--r-- root root',
  '/srv/a/x.php': '-rw-r--r-- root root',
  '/srv/403.html': '-rw-r--r-- root root',
  '/srv/secret.html': '-rw------- root root',
  '/srv/empty': 'drwxr-xr-x root root',
  '/srv/closed': 'drwx------ root root',
  '/srv/unlisted': 'drwxr-x--x root root',
  '/srv/link': 'lrwxrwxrwx alice alice -> /srv/a',
  '/srv/link.html': 'lrwxrwxrwx alice alice -> /srv/index.html',
  '/etc/nginx/passwords': '-rw-r--r-- root root = builder:right\n',
} as const;
const server = (text: string, http = '') => site(`${http} server { listen 80; root /srv; ${text} }`, FILES);
const credentials = (password: string) => ({ headers: [['Authorization', `Basic ${btoa(`builder:${password}`)}`]] as const });

describe('the order of the phases', () => {
  it('lets a return pass by a deny', () => {
    expect(server('deny all; return 200;').status('/')).toBe(200);
    expect(server('location / { deny all; return 204; }').status('/')).toBe(204);
  });

  it('puts the limits before the access rules, without knowing their counters', () => {
    const limited = site(
      'limit_req_zone $binary_remote_addr zone=z:1m rate=1r/s; server { listen 80; root /srv; limit_req zone=z; limit_req_status 429; deny all; }',
      FILES,
      {
        isAlone: false,
      },
    );
    expect(limited.walk().answer).toMatchObject({ state: 'undetermined', otherwise: { status: 403 } });
    expect(limited.onion().refusals.map(({ refusal, certain }) => [refusal.kind, refusal.status, certain])).toEqual([
      ['limit', 429, false],
      ['access-rule', 403, true],
    ]);
  });

  it('gives up after ten changes of the URI', () => {
    expect(server('location / { rewrite ^ /again last; }').status('/')).toBe(500);
    expect(server('error_page 403 /403.html; deny all; recursive_error_pages on;').status('/')).toBe(500);
  });
});

describe('satisfy', () => {
  it('needs all by default, and the first refusal speaks', () => {
    const all = server(`deny all; ${BASIC}`);
    expect(all.status('/', credentials('right'))).toBe(403);
  });

  it('any needs one, and a 401 is not replaced by a 403', () => {
    const any = server(`satisfy any; deny all; ${BASIC}`);
    expect(any.status('/', credentials('right'))).toBe(200);
    expect(any.status('/')).toBe(401);
    expect(deciding(any.walk())).toBe('auth_basic closed');
  });
});

describe('auth_basic', () => {
  it('asks for credentials before it opens the file', () => {
    const missing = server('auth_basic closed; auth_basic_user_file nowhere;');
    expect([missing.status('/'), missing.status('/', credentials('right'))]).toEqual([401, 403]);
  });

  it('is a fault with a file the worker can not read', () => {
    const unreadable = site('server { listen 80; root /srv; auth_basic a; auth_basic_user_file /p; }', {
      ...FILES,
      '/p': '-rw------- root root',
    });
    expect(unreadable.status('/', credentials('right'))).toBe(500);
  });

  it('turns a wrong password away', () => {
    expect(server(BASIC).status('/', credentials('wrong'))).toBe(401);
  });
});

describe('auth_request', () => {
  const asking = (answer: number) =>
    server(`location / { auth_request /ask; } location = /ask { deny all; return ${answer}; }`).status('/');

  it('takes 2xx for yes, copies 401 and 403, and makes 500 of anything else', () => {
    expect([204, 401, 403, 302, 404].map(asking)).toEqual([200, 401, 403, 500, 500]);
  });
});

describe('index and listings', () => {
  it('redirects inside nginx, into another location', () => {
    const php = server('index index.html x.php; location ~ \\.html$ { deny all; }');
    const walk = php.walk({ target: '/a/' });
    expect(walk.answer).toMatchObject({ status: 403 });
    expect(walk.checks[walk.answer.by]).toMatchObject({ round: 1, phase: 'access' });
  });

  it('refuses a directory without an index, and can not find a missing one', () => {
    expect([server('').status('/empty/'), server('').status('/nowhere/')]).toEqual([403, 404]);
    expect(server('autoindex on;').status('/empty/')).toBe(200);
    expect(server('autoindex on;').status('/unlisted/')).toBe(403);
    expect(server('').status('/closed/')).toBe(403);
  });

  it('adds the slash that a directory lacks', () => {
    expect(server('').walk({ target: '/a?q' }).answer).toMatchObject({ status: 301, what: '/a/?q' });
  });
});

describe('files', () => {
  it('are served for GET and HEAD only', () => {
    const plain = server('');
    expect(['GET', 'HEAD', 'POST', 'PUT', 'DELETE'].map((method) => plain.status('/index.html', { method }))).toEqual([
      200, 200, 405, 405, 405,
    ]);
  });

  it('are refused for want of permission', () => {
    const { answer, checks } = server('').walk({ target: '/secret.html' });
    expect(checks[answer.by]?.refusal).toMatchObject({
      kind: 'obstacle',
      use: 'open',
      path: '/srv/secret.html',
      obstacle: { needs: 'read' },
    });
  });

  it('behind links are 404 in a linked directory and 403 as a linked file, where links are forbidden', () => {
    const linkless = server('disable_symlinks on;');
    expect([linkless.status('/link/index.html'), linkless.status('/link.html'), linkless.status('/a/index.html')]).toEqual([404, 403, 200]);
    const owned = server('disable_symlinks if_not_owner;');
    expect([owned.status('/link/index.html'), owned.status('/link.html')]).toEqual([403, 403]);
    expect(server('disable_symlinks on from=/srv/link;').status('/link/index.html')).toBe(200);
  });

  it('are found through alias, which a rewrite with break makes impossible', () => {
    expect(server('location /b/ { alias /srv/a/; }').status('/b/index.html')).toBe(200);
    expect(server('location /b/ { rewrite ^ /b/index.html break; alias /srv/a/; }').status('/b/x')).toBe(500);
    expect(server('location ~ ^/b/(.*)$ { alias /srv/a/$1; }').status('/b/index.html')).toBe(200);
  });
});

describe('try_files', () => {
  it('takes the first that exists, else its last argument', () => {
    const tries = server(
      'location / { try_files $uri $uri/ /index.html; } location /b/ { try_files $uri =410; } location /c { try_files $uri @named; } location @named { return 418; }',
    );
    expect([tries.status('/a/x.php'), tries.status('/zzz'), tries.status('/b/x'), tries.status('/c')]).toEqual([200, 200, 410, 418]);
    expect(tries.status('/empty/')).toBe(403);
  });

  it('passes over what it may not look at, which the onion shows', () => {
    const tries = server('location / { try_files $uri =404; }');
    const { refusals } = tries.onion({ target: '/closed/x' });
    expect(refusals[0]?.refusal).toMatchObject({ kind: 'obstacle', use: 'try-files' });
    expect(server('location / { try_files $uri =404; }').status('/secret.html')).toBe(403);
  });

  it('is lost to an if that holds', () => {
    expect(server('location / { try_files $uri =410; if ($request_method = GET) { set $a 1; } }').status('/zzz')).toBe(404);
  });
});

describe('limit_except', () => {
  it('has rules of its own for the other methods', () => {
    const limited = server('location / { limit_except GET { deny all; } }');
    expect([limited.status('/'), limited.status('/', { method: 'HEAD' }), limited.status('/', { method: 'POST' })]).toEqual([
      200, 200, 403,
    ]);
    const walk = limited.walk({ method: 'POST' });
    expect(walk.checks[walk.answer.by]?.refusal).toMatchObject({ kind: 'access-rule', within: 'limit-except' });
  });

  it('drops the rewrites of its location', () => {
    expect(server('location / { return 200; limit_except GET { deny all; } }').status('/', { method: 'POST' })).toBe(403);
  });
});

describe('error_page', () => {
  it('is checked for access itself', () => {
    expect(server('error_page 403 /403.html; deny all;').walk().answer).toMatchObject({ status: 403, source: 'error' });
    expect(server('error_page 403 /403.html; location /a/ { deny all; }').walk({ target: '/a/' }).answer).toMatchObject({
      status: 403,
      source: 'file',
      mask: null,
    });
  });

  it('can mask a refusal, which stays what decided', () => {
    const { answer, checks } = server('error_page 403 =404 /403.html; location /a/ { deny all; }').walk({ target: '/a/' });
    expect(answer).toMatchObject({ status: 404, unmasked: 403 });
    expect(checks[answer.by]?.refusal).toMatchObject({ kind: 'access-rule' });
    expect(server('error_page 403 = /403.html; location /a/ { deny all; }').walk({ target: '/a/' }).answer).toMatchObject({
      status: 200,
      unmasked: 403,
    });
  });

  it('never sees a return with a text', () => {
    expect(server('error_page 403 =404 /403.html; location /a/ { return 403 no; }').status('/a/')).toBe(403);
  });

  it('only routes where a missing file goes to the application', () => {
    const routed = site('server { listen 80; root /srv; error_page 404 = @app; location @app { proxy_pass http://app; } }', FILES, {
      upstream: () => 403,
    });
    const { answer, checks } = routed.walk({ target: '/zzz' });
    expect(answer).toMatchObject({ status: 403, source: 'upstream', mask: null });
    expect(checks[answer.by]?.refusal).toMatchObject({ kind: 'upstream' });
  });
});

describe('TLS', () => {
  const tls = (text: string, names = '') =>
    site(`server { listen 443 ssl; ${names} root /srv; ${text} } server { listen 443 ssl; server_name other.test; return 204; }`, FILES);
  const over = (clientVerify: 'NONE' | 'SUCCESS' | `FAILED:${string}`, serverName: string | null = null) => ({
    port: 443,
    tls: { serverName, clientVerify },
  });

  it('answers plain HTTP with 400', () => {
    expect(tls('').status('/', { port: 443 })).toBe(400);
  });

  it('asks for certificates', () => {
    const asking = tls('ssl_verify_client on;');
    expect([asking.status('/', over('NONE')), asking.status('/', over('SUCCESS')), asking.status('/', over('FAILED:expired'))]).toEqual([
      400, 200, 400,
    ]);
    expect(tls('ssl_verify_client on; error_page 496 =403 /403.html;').status('/', over('NONE'))).toBe(403);
    expect(tls('ssl_verify_client optional;').status('/', over('NONE'))).toBe(200);
  });

  it('misdirects a Host that differs from the name negotiated, where certificates count', () => {
    const asking = tls('ssl_verify_client optional;', 'server_name example.com;');
    expect(asking.status('/', over('NONE', 'other.test'))).toBe(421);
    expect(asking.status('/', over('NONE', 'example.com'))).toBe(200);
  });
});

describe('what the model does not know', () => {
  it('makes that step undetermined and goes on', () => {
    const { answer } = server('location / { frobnicate on; deny all; }').walk();
    expect(answer).toMatchObject({ state: 'undetermined', missing: ['what the directive frobnicate does'], otherwise: { status: 403 } });
  });

  it('is what an upstream answers', () => {
    const passing = server('location / { proxy_pass http://app; }');
    expect(passing.walk().answer).toMatchObject({ state: 'undetermined', otherwise: null });
    expect(passing.onion().refusals[0]).toMatchObject({ certain: false, refusal: { kind: 'upstream' } });
  });

  it('is what nobody listens for', () => {
    expect(server('').walk({ port: 81 }).answer.state).toBe('undetermined');
  });
});

describe('the client address', () => {
  it('is that of a trusted header, and the rules see it', () => {
    const behind = server('set_real_ip_from 192.0.2.9; real_ip_header X-Forwarded-For; deny 203.0.113.5;');
    const walk = behind.walk({ headers: [['X-Forwarded-For', '203.0.113.5']] });
    expect(walk.answer).toMatchObject({ status: 403 });
    expect(walk.client).toMatchObject({ address: '203.0.113.5', peer: '192.0.2.9' });
  });
});

describe('auth_request_set', () => {
  it('sets its variable from the sub-request, whatever it answers', () => {
    const asking = (answer: number) =>
      server(`location / { auth_request /ask; auth_request_set $from $uri; error_page 403 = @no; try_files /none @yes; }
        location @yes { if ($from = /ask) { return 418; } } location @no { if ($from = /ask) { return 419; } } location = /ask { return ${answer}; }`);
    expect([asking(204).status('/'), asking(403).status('/')]).toEqual([418, 419]);
  });

  it('leaves it empty where nothing was asked', () => {
    expect(
      server('location /x { if ($from = "") { return 418; } } location / { auth_request /ask; auth_request_set $from 1; }').status('/x'),
    ).toBe(418);
  });
});

describe('bytes', () => {
  it('of a URI are held against the bytes of the configuration and of the file system', () => {
    const accents = site('server { listen 80; root /srv; location /café/ { } location /caf { return 404; } }', {
      '/srv/café/menü': '-rw-r--r-- root root',
    });
    expect(accents.walk({ target: '/caf%C3%A9/men%C3%BC' }).answer).toMatchObject({ status: 200, what: '/srv/café/menü' });
    expect(accents.status('/caf%E9/men%C3%BC')).toBe(404);
  });
});

describe('a module outside the model', () => {
  const WAF = 'server { listen 80; root /srv; modsecurity on; auth_pam closed; }';

  it('is a candidate at its own step', () => {
    expect(
      site(WAF, FILES)
        .onion()
        .refusals.map(({ refusal }) => `${refusal.kind} ${refusal.status}`),
    ).toEqual(['module 403', 'module 401']);
  });

  it('is none when somebody knows that it lets the request pass', () => {
    expect(site(WAF, FILES, { foreign: () => 'passes' }).status('/')).toBe(200);
  });
});

describe('what nobody wrote', () => {
  it('is port 80, and html under the prefix', () => {
    expect(site('server { }', { '/etc/nginx/html/index.html': '-rw-r--r-- root root' }).status('/')).toBe(200);
  });

  it('is the name of the machine', () => {
    const named = site('server { listen 80; return 601; } server { listen 80; server_name $hostname; return 602; }');
    expect(named.status('/', { host: 'box' })).toBeNull();
  });
});
