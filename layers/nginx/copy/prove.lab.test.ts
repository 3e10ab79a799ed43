import { describe, expect, test } from 'vitest';
import { hasNginx } from '../lab/server.ts';
import { isRoot } from '../lab/tree.ts';
import { cell, siteOf } from './site.lab-fixture.ts';

const file = (text = 'x', mode = 0o644) => ({ type: 'file', text, mode }) as const;

describe.skipIf(!hasNginx)('a fix on a private copy', () => {
  test('lifts a deny rule and shows what else it opens', async () => {
    const site = siteOf({
      tree: { 'private/index.html': file(), 'private/other.html': file(), 'closed/index.html': file() },
      http: ({ root }) => `server { listen 80; root ${root};
        location /private/ { deny all; }
        location /closed/ { deny all; } }`,
    });
    const question = site.question('/private/');
    const proof = await site.prove(question, [site.edit('/private/ { deny all; }', '/private/ { }')], {
      cells: [
        cell('sibling', site.question('/private/other.html')),
        cell('closed', site.question('/closed/')),
        cell('stranger', site.question('/private/', { from: '198.51.100.7' })),
      ],
    });
    expect(proof).toMatchObject({
      status: 'proven',
      by: 'server',
      before: 403,
      after: 200,
      how: expect.stringContaining('on a private copy'),
    });
    expect(proof.collateral.checked).toBe(3);
    expect(proof.collateral.changed.map(({ label, before, after }) => [label, before, after])).toEqual([
      ['sibling', 403, 200],
      ['stranger', 403, 200],
    ]);
    site.remove();
  });

  test.skipIf(!isRoot)('gives a directory its missing search bit', async () => {
    const site = siteOf({
      tree: { private: { type: 'directory', mode: 0o750 }, 'private/index.html': file() },
      http: ({ root }) => `server { listen 80; root ${root}; }`,
    });
    const proof = await site.prove(site.question('/private/'), [{ kind: 'command', argv: ['chmod', 'o+x', `${site.root}/private`] }]);
    expect(proof).toMatchObject({ status: 'proven', by: 'server', before: 403, after: 200 });
    const wrong = await site.prove(site.question('/private/'), [{ kind: 'command', argv: ['chmod', 'o+r', `${site.root}/private`] }]);
    expect(wrong).toMatchObject({ status: 'refuted', by: 'server', before: 403, after: 403 });
    site.remove();
  });

  test('opens no upstream and runs nothing: what is behind is played', async () => {
    const site = siteOf({
      http: ({ root }) => `upstream app { server backend.invalid:8080; }
      server { listen 80; root ${root};
        location /app/ { deny all; proxy_pass http://app; }
        location ~ \\.php$ { deny all; fastcgi_pass unix:/run/php/none.sock; include fastcgi.conf; } }`,
      files: { 'fastcgi.conf': file('fastcgi_param SECRET value;\n') },
    });
    const seen: string[] = [];
    const upstream = (directive: { readonly name: string }): number => {
      seen.push(directive.name);
      return directive.name === 'fastcgi_pass' ? 404 : 201;
    };
    const stubs = { upstream, authRequest: () => null };
    const proof = await site.prove(site.question('/app/x'), [site.edit('/app/ { deny all;', '/app/ {')], {
      stubs,
      cells: [cell('php', site.question('/a.php'))],
    });
    expect(proof).toMatchObject({ status: 'proven', before: 403, after: 201, collateral: { checked: 1, changed: [] } });
    expect(proof.how).toContain('stubs');
    const php = await site.prove(site.question('/a.php'), [site.edit('$ { deny all;', '$ {')], { stubs });
    expect(php).toMatchObject({ status: 'proven', before: 403, after: 404 });
    expect(new Set(seen)).toEqual(new Set(['proxy_pass', 'fastcgi_pass']));
    site.remove();
  });

  test('an upstream that refuses by itself is not cured here', async () => {
    const site = siteOf({ http: () => 'server { listen 80; location / { proxy_pass http://127.0.0.1:1; } }' });
    const stubs = { upstream: () => 403, authRequest: () => null };
    const proof = await site.prove(site.question('/'), [site.edit('location / {', 'location / { allow all;')], { stubs });
    expect(proof).toMatchObject({ status: 'refuted', by: 'server', before: 403, after: 403 });
    site.remove();
  });

  test('an intercepted error keeps its page whichever module passes the request on', async () => {
    const site = siteOf({
      tree: { 'sorry.html': file() },
      http: ({ root }) => `fastcgi_intercept_errors on; server { listen 80; root ${root}; error_page 403 =200 /sorry.html;
        location / { deny all; } location /sorry.html { } location ~ \\.php$ { deny all; fastcgi_pass 127.0.0.1:1; } location /p/ { proxy_pass http://127.0.0.1:1; } }`,
    });
    const stubs = { upstream: () => 403, authRequest: () => null };
    const cells = [cell('intercepted', site.question('/a.php')), cell('not intercepted', site.question('/p/'))];
    const proof = await site.prove(site.question('/p/'), [], { stubs, cells });
    expect([proof.before, proof.collateral.changed]).toEqual([403, []]);
    const plain = await site.prove(site.question('/p/'), [site.edit('location /p/ {', 'location /p/ { proxy_intercept_errors on;')], {
      stubs,
      cells,
    });
    expect(plain).toMatchObject({ before: 403, after: 200 });
    site.remove();
  });

  test('auth_request is answered as it was observed', async () => {
    const site = siteOf({
      tree: { 'in/index.html': file() },
      http: ({ root }) => `server { listen 80; root ${root};
        location /in/ { auth_request /auth; deny 127.0.0.1; }
        location /auth { internal; proxy_pass http://auth.invalid; } }`,
    });
    const step = site.edit(' deny 127.0.0.1;', '');
    const answered = (status: number | null) =>
      site.prove(site.question('/in/'), [step], { stubs: { upstream: () => null, authRequest: () => status } });
    expect(await answered(200)).toMatchObject({ status: 'proven', before: 403, after: 200 });
    expect(await answered(null)).toMatchObject({ status: 'proven', before: 403, after: 200 });
    expect(await answered(403)).toMatchObject({ status: 'refuted', before: 403, after: 403 });
    expect(await answered(401)).toMatchObject({ status: 'refuted', before: 403, after: 401 });
    site.remove();
  });

  test('chooses among servers, by TLS, IPv6 and default_server, as the real one does', async () => {
    const site = siteOf({
      tree: { 'a/index.html': file(), 'b/index.html': file() },
      files: { 'cert.pem': file('not a certificate') },
      http: ({ root, directory }) => `ssl_certificate ${directory}/cert.pem; ssl_certificate_key cert.pem;
        server { listen 80; listen [::]:80; listen 443 ssl http2; server_name a.example; root ${root}/a; if ($server_port = 443) { return 403; } }
        server { listen 80 default_server; listen [::]:80 default_server; listen 10.9.8.7:80; listen 443 ssl; server_name b.example; root ${root}/b; deny all; }`,
    });
    const on = (host: string, more = {}) => site.question('/', { hostname: host, headers: [['Host', host]], ...more });
    const tls = { scheme: 'https', port: 443 } as const;
    const cells = [
      cell('a', on('a.example')),
      cell('a by v6', on('a.example', { from: '::1' })),
      cell('b by v6', on('b.example', { from: '2001:db8::9' })),
      cell('unknown', on('c.example')),
      cell('a by tls', on('a.example', tls)),
      cell('a by h2', on('a.example', { ...tls, httpVersion: '2' })),
      cell('b by tls', on('b.example', tls)),
      cell('unknown by tls', on('c.example', tls)),
      cell('http on the tls port', on('a.example', { port: 443 })),
    ];
    const proof = await site.prove(on('b.example'), [site.edit('deny all;', 'return 204;')], { cells });
    expect(proof).toMatchObject({ status: 'proven', before: 403, after: 204 });
    const by = Object.fromEntries(proof.collateral.changed.map((change) => [change.label, [change.before, change.after]]));
    expect(proof.collateral.checked).toBe(cells.length);
    expect(by).toEqual({ 'b by v6': [403, 204], unknown: [403, 204], 'b by tls': [403, 204] });
    const secure = await site.prove(on('a.example', tls), [site.edit('if ($server_port = 443) { return 403; }', '')], { cells });
    expect(secure).toMatchObject({ status: 'proven', before: 403, after: 200 });
    expect(secure.collateral.changed.map((change) => change.label)).toEqual(['a by tls', 'a by h2', 'unknown by tls']);
    site.remove();
  });

  test('an included file is edited where it stands', async () => {
    const site = siteOf({
      tree: { 'x/index.html': file() },
      files: { 'rules/deny.conf': file('# ours\ndeny all;\n') },
      http: ({ root }) => `server { listen 80; root ${root}; location /x/ { include rules/*.conf; } }`,
    });
    const step = site.edit('deny all;', 'allow 127.0.0.1;\ndeny all;', `${site.directory}/rules/deny.conf`);
    const proof = await site.prove(site.question('/x/'), [step], {
      cells: [cell('stranger', site.question('/x/', { from: '198.51.100.7' }))],
    });
    expect(proof).toMatchObject({ status: 'proven', before: 403, after: 200, collateral: { checked: 1, changed: [] } });
    expect(proof.how).not.toContain('no neighboring request');
    site.remove();
  });

  test('clients behind a trusted proxy keep the address that realip gave them', async () => {
    const site = siteOf({
      tree: { 'index.html': file() },
      http: ({ root }) => `set_real_ip_from 127.0.0.1; set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For;
        server { listen 80; root ${root}; allow 192.0.2.1; deny all; }`,
    });
    const question = site.question('/', {
      headers: [
        ['Host', 'localhost'],
        ['X-Forwarded-For', '192.0.2.2'],
      ],
    });
    const cells = [
      cell('allowed by header', site.question('/', { headers: [['X-Forwarded-For', '192.0.2.1']] })),
      cell('through the other proxy', { ...question, from: '10.1.1.1' }),
      cell('stranger', { ...question, from: '198.51.100.7' }),
    ];
    const client = ({ from = '127.0.0.1' }) => (from.startsWith('10.') ? '192.0.2.2' : from);
    const proof = await site.prove(question, [site.edit('allow 192.0.2.1;', 'allow 192.0.2.0/30;')], { cells, client });
    expect(proof).toMatchObject({ status: 'proven', before: 403, after: 200, collateral: { checked: 3 } });
    expect(proof.collateral.changed.map(({ label }) => label)).toEqual(['through the other proxy']);
    expect(proof.how).toContain("the model's");
    site.remove();
  });

  test('passwords are checked against the real password file', async () => {
    const site = siteOf({
      tree: { 'index.html': file() },
      files: { htpasswd: file('ann:{PLAIN}secret-canary\n', isRoot ? 0o644 : 0o600) },
      http: ({ root, directory }) =>
        `server { listen 80; root ${root}; auth_basic x; auth_basic_user_file ${directory}/htpasswd; deny all; }`,
    });
    const ann = [['Authorization', `Basic ${btoa('ann:secret-canary')}`]] as const;
    const proof = await site.prove(site.question('/', { headers: ann }), [site.edit(' deny all;', '')], {
      cells: [cell('without credentials', site.question('/'))],
    });
    expect(proof).toMatchObject({ status: 'proven', before: 403, after: 200 });
    expect(proof.collateral.changed).toMatchObject([{ label: 'without credentials', before: 403, after: 401 }]);
    expect(JSON.stringify(proof)).not.toContain('canary');
    site.remove();
  });

  test('follows links, try_files, rewrites and index files to what they lead to', async () => {
    const site = siteOf({
      tree: {
        current: { type: 'symlink', target: 'releases/7' },
        'releases/7/app/start.htm': file(),
        'releases/7/new/page.txt': file(),
      },
      files: { elsewhere: { type: 'symlink', target: '/nonexistent' } },
      http: ({ root }) => `map $host $site { default ${root}/current; }
        server { listen 80; root $site; deny 127.0.0.1; index start.htm;
        rewrite ^/old/(.*)$ /new/$1.txt last;
        location /try/ { try_files $uri /app/ =404; }
        location /f/ { if (-f ${root}/current/app/start.htm) { return 202; } } }`,
    });
    const cells = [
      cell('rewritten', site.question('/old/page')),
      cell('tried', site.question('/try/x')),
      cell('file test', site.question('/f/')),
      cell('missing', site.question('/none')),
    ];
    const proof = await site.prove(site.question('/app/'), [site.edit(' deny 127.0.0.1;', '')], { cells });
    expect(proof).toMatchObject({ status: 'proven', before: 403, after: 200 });
    expect(proof.collateral.changed.map(({ label, after }) => [label, after])).toEqual([
      ['rewritten', 200],
      ['tried', 301],
      ['missing', 404],
    ]);
    site.remove();
  });

  test('says why, and asks the model, when no copy can stand for the server', async () => {
    const site = siteOf({ http: () => 'server { listen 80; root $http_x; deny all; }' });
    const step = site.edit('deny all;', '');
    const predict = (_question: unknown, steps: readonly unknown[]) => ({ status: steps.length === 0 ? 403 : 200, missing: [] });
    expect(await site.prove(site.question('/'), [step], { predict })).toMatchObject({
      status: 'proven',
      by: 'model',
      how: expect.stringContaining('root $http_x'),
    });
    expect(await site.prove(site.question('/'), [step])).toMatchObject({ status: 'not-run', by: 'model' });
    const trial = site.trial(site.question('/'), [step], { predict });
    const { prove } = await import('./prove.ts');
    expect(await prove({ ...trial, server: { ...trial.server, binary: null } })).toMatchObject({ by: 'model', status: 'proven' });
    expect(await site.prove(site.question('/'), [{ kind: 'command', argv: ['rm', '-rf', '/'] }], { predict })).toMatchObject({
      by: 'model',
      how: expect.stringContaining('`rm`'),
    });
    expect(await site.prove(site.question('/'), [{ kind: 'manual', text: 'ask the owner' }])).toMatchObject({ status: 'not-run' });
    site.remove();
  });

  test('is reached by its worker whatever the umask is', async () => {
    const site = siteOf({
      tree: { 'in/index.html': file() },
      http: ({ root }) =>
        `server { listen 80; root ${root}; location /in/ { deny all; } location /app/ { allow all; proxy_pass http://127.0.0.1:1; } }`,
    });
    const before = process.umask(0o077);
    const cells = [cell('behind', site.question('/app/', { method: 'POST', bodyLength: 100_000 }))];
    const proof = await site
      .prove(site.question('/in/'), [site.edit('/in/ { deny all; }', '/in/ { } location /app/x { }')], { cells })
      .finally(() => process.umask(before));
    expect(proof).toMatchObject({ status: 'proven', before: 403, after: 200, collateral: { checked: 1, changed: [] } });
    site.remove();
  });

  test('a change that nginx does not take is refuted with its words', async () => {
    const site = siteOf({ http: ({ root }) => `server { listen 80; root ${root}; deny all; }` });
    const proof = await site.prove(site.question('/'), [site.edit('deny all;', 'allow nonsense;')]);
    expect(proof).toMatchObject({ status: 'refuted', by: 'server', how: expect.stringContaining('invalid parameter "nonsense"') });
    expect(proof.how).not.toContain('why403-copy');
    site.remove();
  });

  test('a copy that answers otherwise than the server did proves nothing', async () => {
    const site = siteOf({ http: ({ root }) => `server { listen 80; root ${root}; deny all; }` });
    expect(await site.prove(site.question('/'), [], { observed: 401 })).toMatchObject({
      status: 'not-run',
      how: expect.stringContaining('answers 403 where the server answered 401'),
    });
    site.remove();
  });
});
