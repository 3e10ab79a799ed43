import { existsSync } from 'node:fs';
import { hasNginx, isRoot, type LabSpec, startLab } from '@why403/nginx/lab';
import { describe, expect, it } from 'vitest';
import { authority } from './authority.ts';
import { diagnosed } from './why403.ts';

/** One refusal on a real nginx, from URL to proven fix, as a person meets it. */
interface Scenario {
  readonly name: string;
  /** What stands in `server {}` behind listen and root. */
  readonly server?: string;
  /** What stands in `http {}` before the server. */
  readonly http?: string;
  readonly tree?: LabSpec['tree'];
  readonly files?: LabSpec['files'];
  readonly target?: string;
  readonly args?: readonly string[];
  /** What stands at the top of the main context. */
  readonly main?: string;
  /** The workers' account, where it isn't www-data. */
  readonly user?: string;
  /** Further ports, PORT1 and so on in the texts above. */
  readonly ports?: number;
  /** Requests the server has answered before, by target. */
  readonly before?: readonly string[];
  readonly cause: string;
  /** `proven` unless told. */
  readonly certainty?: 'likely' | 'possible';
  /** Who wrote the answer; not looked at unless told. */
  readonly producer?: string;
  /** False where `server` listens by itself. */
  readonly plain?: false;
  /** The server is the default one of its address. */
  readonly defaulted?: true;
  /** A file without which this can't be shown. */
  readonly needs?: string;
  readonly refines?: readonly string[];
  readonly status?: number;
  /** `refused` unless told. */
  readonly outcome?: 'failed';
  /** Part of the line that decided. */
  readonly quotes?: string;
  /** A cause that is told beside it. */
  readonly beside?: string;
  /** Causes that would refuse next. */
  readonly next?: readonly string[];
  /** `none`: nothing should be changed by a tool; else the status after the fix. */
  readonly fix: 'none' | number;
  readonly root?: true;
}

const page = { type: 'file', text: 'ok\n' } as const;
const tree = { 'index.html': page, 'private/index.html': page, 'a.html': page } as const;

const scenarios: readonly Scenario[] = [
  {
    name: 'a deny rule for everyone',
    server: 'location /private/ { deny all; }',
    target: '/private/',
    cause: 'nginx/deny-rule',
    quotes: 'deny all;',
    fix: 200,
  },
  { name: 'a deny rule for one address', server: 'deny 127.0.0.1;', cause: 'nginx/deny-rule', quotes: 'deny 127.0.0.1;', fix: 200 },
  {
    name: 'a rule inherited from http',
    http: 'deny all;',
    server: 'location /private/ { index index.html; }',
    target: '/private/',
    cause: 'nginx/deny-rule',
    fix: 200,
  },
  {
    name: 'an allow list without the client',
    server: 'location /private/ { allow 10.0.0.0/8; deny all; }',
    target: '/private/',
    cause: 'nginx/allow-list-miss',
    refines: ['nginx/deny-rule'],
    fix: 200,
  },
  {
    name: 'an allow list of the other family',
    server: 'location / { allow 2001:db8::/32; deny all; }',
    cause: 'nginx/ipv6-or-v4-only-rule',
    fix: 200,
  },
  {
    name: 'a deny before the allow',
    server: 'location / { deny 127.0.0.0/8; allow 127.0.0.1; }',
    cause: 'nginx/deny-before-allow',
    fix: 200,
  },
  {
    name: 'a dotfile rule in the way of a certificate authority',
    server: 'location ~ /\\. { deny all; }',
    tree: { '.well-known/acme-challenge/token': page },
    target: '/.well-known/acme-challenge/token',
    cause: 'nginx/dotfile-rule',
    fix: 200,
  },
  {
    name: 'a dotfile rule that does its job',
    server: 'location ~ /\\. { deny all; }',
    tree: { '.git/config': page },
    target: '/.git/config',
    cause: 'nginx/dotfile-rule',
    fix: 'none',
  },
  {
    name: 'limit_except',
    server: 'location / { limit_except GET { deny all; } proxy_pass http://127.0.0.1:9; }',
    args: ['-X', 'OPTIONS'],
    cause: 'nginx/limit-except',
    fix: 200,
  },
  {
    name: 'satisfy all with a password',
    server: 'location / { auth_basic "x"; auth_basic_user_file USERS; deny all; }',
    files: { users: { type: 'file', text: 'ann:{PLAIN}secret\n' } },
    args: ['-u', 'ann:secret'],
    cause: 'nginx/satisfy-all-conflict',
    fix: 200,
  },
  {
    name: 'the index file leads into a denied location',
    server: 'location ~ \\.html$ { deny all; }',
    cause: 'nginx/index-redirect-into-denied-location',
    fix: 200,
  },
  {
    name: 'return 403',
    server: 'location /private/ { return 403; }',
    target: '/private/',
    cause: 'nginx/return-403',
    quotes: 'return 403;',
    fix: 200,
  },
  {
    name: 'a return hides a deny',
    server: 'location /private/ { deny all; return 403; }',
    target: '/private/',
    cause: 'nginx/return-403',
    next: ['nginx/deny-rule'],
    fix: 200,
  },
  {
    name: 'a geo block',
    http: 'geo $blocked { default 0; 127.0.0.0/8 1; }',
    server: 'if ($blocked) { return 403; }',
    cause: 'nginx/address-block',
    refines: ['nginx/geo-map-block', 'nginx/return-403'],
    fix: 200,
  },
  {
    name: 'a map on an argument',
    http: 'map $arg_plan $blocked { default 0; trial 1; }',
    server: 'if ($blocked) { return 403; }',
    target: '/?plan=trial',
    cause: 'nginx/geo-map-block',
    fix: 'none',
  },
  {
    name: 'a list of user agents',
    server: 'if ($http_user_agent ~* (curl|wget)) { return 403; }',
    args: ['-A', 'curl/8.5.0'],
    cause: 'nginx/user-agent-block',
    fix: 200,
  },
  {
    name: 'hotlink protection',
    server: 'valid_referers none example.test; if ($invalid_referer) { return 403; }',
    args: ['-e', 'https://partner.test/page'],
    cause: 'nginx/valid-referers',
    fix: 200,
  },
  {
    name: 'a signed link without its hash',
    server: 'location / { secure_link $arg_h; secure_link_md5 "$uri key"; if ($secure_link = "") { return 403; } }',
    cause: 'nginx/secure-link',
    fix: 'none',
  },
  {
    name: 'a missing password file',
    server: 'location / { auth_basic "x"; auth_basic_user_file USERS; }',
    args: ['-u', 'ann:secret'],
    cause: 'nginx/auth-basic-file-missing',
    fix: 'none',
  },
  {
    name: 'no password given',
    server: 'location / { auth_basic "x"; auth_basic_user_file USERS; }',
    files: { users: { type: 'file', text: 'ann:{PLAIN}secret\n' } },
    status: 401,
    cause: 'nginx/auth-basic-credentials',
    fix: 'none',
  },
  {
    name: 'auth_request to a location that refuses',
    server: 'location / { auth_request /check; } location = /check { internal; return 403; }',
    cause: 'nginx/auth-request-403',
    fix: 'none',
  },
  { name: 'try_files with =403', server: 'location / { try_files $uri.x =403; }', cause: 'nginx/try-files-403', fix: 'none' },
  {
    name: 'a directory without an index',
    tree: { 'd/notes.bin': page },
    server: 'location / { try_files $uri $uri/ =404; }',
    target: '/d/',
    cause: 'nginx/no-index',
    fix: 'none',
  },
  {
    name: 'an empty directory',
    tree: { d: { type: 'directory' } },
    target: '/d/',
    cause: 'nginx/empty-directory',
    refines: ['nginx/no-index'],
    fix: 'none',
  },
  { name: 'an index in another letter case', tree: { 'd/Index.html': page }, target: '/d/', cause: 'nginx/index-name-mismatch', fix: 200 },
  {
    name: 'a root one directory too high',
    tree: { 'app/public/index.html': page, 'app/composer.json': page },
    server: 'location /app { root ROOT; }',
    target: '/app/',
    cause: 'nginx/wrong-root',
    fix: 'none',
  },
  {
    name: 'a path that differs in letter case',
    tree: { 'Images/a.html': page },
    target: '/images/a.html',
    status: 404,
    outcome: 'failed',
    cause: 'filesystem/name-mismatch',
    certainty: 'likely',
    fix: 'none',
  },
  { name: 'a directory of files', tree: { 'd/a.zip': page, 'd/b.zip': page }, target: '/d/', cause: 'nginx/autoindex-off', fix: 200 },
  {
    name: 'a limit that answers 403',
    http: 'limit_req_zone $binary_remote_addr zone=few:1m rate=1r/m;',
    server: 'limit_req zone=few; limit_req_status 403;',
    before: ['/'],
    cause: 'nginx/limit-req-403',
    fix: 'none',
  },
  {
    name: 'an unreadable file',
    tree: { 'a.html': { ...page, mode: 0o600, owner: 'root' } },
    target: '/a.html',
    cause: 'filesystem/file-unreadable',
    fix: 200,
    root: true,
  },
  {
    name: 'a directory without the search bit',
    tree: { private: { type: 'directory', mode: 0o700, owner: 'root' }, 'private/deep/a.html': page },
    target: '/private/deep/a.html',
    cause: 'filesystem/no-search-permission',
    fix: 200,
    root: true,
  },
  {
    name: 'an unreadable index file',
    tree: { 'd/index.html': { ...page, mode: 0o600, owner: 'root' } },
    target: '/d/',
    cause: 'filesystem/index-file-unreadable',
    fix: 200,
    root: true,
  },
  {
    name: 'a directory that may not be listed',
    server: 'autoindex on;',
    tree: { 'd/a.zip': page, d: { type: 'directory', mode: 0o711, owner: 'root' } },
    target: '/d/',
    cause: 'filesystem/directory-not-listable',
    fix: 200,
    root: true,
  },
  {
    name: 'a link that nginx may not follow',
    server: 'disable_symlinks on;',
    tree: { link: { type: 'symlink', target: 'a.html' } },
    target: '/link',
    cause: 'filesystem/symlink-not-allowed',
    fix: 200,
  },
  {
    name: 'two refusals at once',
    server: 'location /private/ { deny all; }',
    tree: { 'private/a.html': { ...page, mode: 0o600, owner: 'root' } },
    target: '/private/a.html',
    cause: 'nginx/deny-rule',
    next: ['filesystem/file-unreadable'],
    fix: 200,
    root: true,
  },
  {
    name: 'an error page that shows 404',
    server: 'error_page 403 =404 /a.html; location /private/ { deny all; } location = /a.html { allow all; }',
    target: '/private/',
    status: 404,
    cause: 'nginx/deny-rule',
    fix: 200,
  },
  {
    name: 'an error page that shows 200',
    server: 'error_page 403 =200 /a.html; location /private/ { deny all; } location = /a.html { allow all; }',
    target: '/private/',
    status: 200,
    cause: 'nginx/deny-rule',
    fix: 200,
  },
  {
    name: 'an answer from behind that leads into a location that refuses',
    ports: 2,
    http: 'server { listen 127.0.0.1:PORT1; add_header X-Accel-Redirect /files/a.html; return 200; }',
    server: 'location / { proxy_pass http://127.0.0.1:PORT1; } location /files/ { internal; alias ROOT/; deny all; }',
    target: '/report',
    cause: 'nginx/x-accel-into-denied',
    certainty: 'likely',
    fix: 'none',
  },
  {
    name: 'the same, with the status from behind in the access log',
    ports: 2,
    http: 'log_format told "$status $upstream_status $request $http_user_agent"; server { listen 127.0.0.1:PORT1; add_header X-Accel-Redirect /files/a.html; return 200; }',
    server:
      'access_log DIRECTORY/access.log told; location / { proxy_pass http://127.0.0.1:PORT1; } location /files/ { internal; alias ROOT/; deny all; }',
    target: '/report',
    cause: 'nginx/x-accel-into-denied',
    fix: 'none',
  },
  {
    name: 'a video that may not be opened',
    server: 'location ~ \\.mp4$ { mp4; }',
    tree: { 'a.mp4': { ...page, mode: 0o600, owner: 'root' } },
    target: '/a.mp4',
    cause: 'nginx/mp4-flv-unreadable',
    refines: ['filesystem/file-unreadable'],
    fix: 200,
    root: true,
  },
  {
    name: 'workers of another account than the files were made for',
    user: 'nobody nogroup',
    tree: { 'a.html': { ...page, mode: 0o640, owner: 'root', group: 'www-data' } },
    target: '/a.html',
    cause: 'nginx/wrong-worker-user',
    refines: ['filesystem/file-unreadable'],
    quotes: 'user nobody nogroup;',
    fix: 200,
    root: true,
  },
  {
    name: 'a denial that the error log is set too high for',
    server: 'location /private/ { error_log DIRECTORY/error.log crit; deny all; }',
    target: '/private/',
    cause: 'nginx/deny-rule',
    beside: 'nginx/error-log-suppressed',
    fix: 200,
  },
  {
    name: 'a limit that answers 503, as limits do by nature',
    http: 'limit_req_zone $binary_remote_addr zone=few:1m rate=1r/m;',
    server: 'limit_req zone=few;',
    before: ['/'],
    status: 503,
    outcome: 'failed',
    cause: 'nginx/limit-req',
    quotes: 'limit_req zone=few;',
    fix: 'none',
  },
  {
    name: 'plain HTTP to a port that speaks TLS',
    files: authority(),
    server: 'listen 127.0.0.1:PORT0 ssl; ssl_certificate DIRECTORY/tls/site.pem; ssl_certificate_key DIRECTORY/tls/site.key;',
    plain: false,
    status: 400,
    outcome: 'failed',
    cause: 'client/wrong-method-or-scheme',
    fix: 'none',
  },
  {
    name: 'a method that files do not take',
    args: ['-X', 'OPTIONS'],
    target: '/a.html',
    status: 405,
    outcome: 'failed',
    cause: 'client/wrong-method-or-scheme',
    fix: 'none',
  },
  {
    name: 'a name that no server has',
    http: 'server { listen 127.0.0.1:PORT0; server_name www.shop.test; root ROOT; }',
    server: 'server_name _; return 403;',
    defaulted: true,
    args: ['-H', 'Host: shop.test'],
    cause: 'nginx/default-server',
    refines: ['nginx/return-403'],
    quotes: 'return 403;',
    fix: 200,
  },
  {
    name: 'an application that refuses with its reason',
    ports: 2,
    http: 'server { listen 127.0.0.1:PORT1; default_type application/json; return 403 \'{"message":"the role editor is needed"}\'; }',
    server: 'location / { proxy_pass http://127.0.0.1:PORT1; }',
    cause: 'app/refused',
    refines: ['nginx/proxied-403'],
    producer: 'what is behind nginx',
    fix: 'none',
  },
  {
    name: 'a service behind auth_request that refuses',
    ports: 2,
    http: 'server { listen 127.0.0.1:PORT1; return 403; }',
    server: 'location / { auth_request /check; } location = /check { internal; proxy_pass http://127.0.0.1:PORT1; }',
    cause: 'nginx/auth-request-403',
    certainty: 'likely',
    fix: 'none',
  },
  {
    name: 'an upload to where the server may not write',
    server: 'location / { dav_methods PUT; }',
    target: '/new.html',
    args: ['-X', 'PUT', '-d', 'x', '--send'],
    status: 500,
    outcome: 'failed',
    cause: 'nginx/dav-refused',
    fix: 'none',
    root: true,
  },
  {
    name: 'a DELETE of what the server may not remove',
    server: 'location / { dav_methods DELETE; }',
    target: '/a.html',
    args: ['-X', 'DELETE', '--send'],
    cause: 'nginx/dav-refused',
    fix: 'none',
    root: true,
  },
  {
    name: 'a firewall that refuses before an address rule is asked',
    main: 'load_module /usr/lib/nginx/modules/ngx_http_modsecurity_module.so;\n',
    files: { 'rules.conf': { type: 'file', text: 'SecRuleEngine On\nSecRule ARGS:q "@streq evil" "id:1,phase:2,deny,status:403,log"\n' } },
    server: 'modsecurity on; modsecurity_rules_file DIRECTORY/rules.conf; deny all;',
    target: '/?q=evil',
    needs: '/usr/lib/nginx/modules/ngx_http_modsecurity_module.so',
    cause: 'nginx/waf-before-access',
    next: ['nginx/deny-rule'],
    fix: 'none',
  },
  {
    name: 'a link to somebody else’s file',
    server: 'disable_symlinks if_not_owner;',
    tree: { 'theirs.html': { ...page, owner: 'root' }, link: { type: 'symlink', target: 'theirs.html', owner: 'www-data' } },
    target: '/link',
    cause: 'filesystem/symlink-owner-mismatch',
    fix: 200,
    root: true,
  },
  {
    name: 'a file that whoever deployed it keeps to himself',
    tree: { 'a.html': { ...page, mode: 0o640, owner: 'deployer' } },
    target: '/a.html',
    cause: 'filesystem/wrong-owner-after-deploy',
    refines: ['filesystem/file-unreadable'],
    fix: 200,
    root: true,
  },
  {
    name: 'a link to what is not there',
    tree: { link: { type: 'symlink', target: 'gone.html' } },
    target: '/link',
    status: 404,
    outcome: 'failed',
    cause: 'filesystem/dangling-symlink',
    fix: 'none',
  },
  {
    name: 'a name longer than file systems take',
    target: `/${'x'.repeat(300)}`,
    status: 404,
    outcome: 'failed',
    cause: 'filesystem/name-too-long',
    fix: 'none',
  },
  {
    name: 'a pipe in the place of a file',
    tree: { pipe: { type: 'fifo' } },
    target: '/pipe',
    status: 404,
    outcome: 'failed',
    cause: 'filesystem/not-a-file-or-directory',
    fix: 'none',
  },
  {
    name: 'a password file that the server may not read',
    server: 'location / { auth_basic "x"; auth_basic_user_file USERS; }',
    files: { users: { type: 'file', text: 'ann:{PLAIN}secret\n', mode: 0o600 } },
    args: ['-u', 'ann:secret'],
    status: 500,
    outcome: 'failed',
    cause: 'filesystem/file-unreadable',
    fix: 'none',
    root: true,
  },
];

function listen({ plain, defaulted }: Scenario, port: number): string {
  return plain === false ? '' : `listen 127.0.0.1:${port}${defaulted === true ? ' default_server' : ''};`;
}

describe.skipIf(!hasNginx)('diagnose on a real nginx', () => {
  for (const scenario of scenarios) {
    it.skipIf((scenario.root === true && !isRoot) || (scenario.needs !== undefined && !existsSync(scenario.needs))).concurrent(
      scenario.name,
      async () => {
        await using lab = await startLab({
          tree: { ...tree, ...scenario.tree },
          files: scenario.files ?? {},
          main: scenario.main ?? '',
          ...(scenario.user === undefined ? {} : { user: scenario.user }),
          ports: scenario.ports ?? 1,
          http: (places) => {
            const fill = (text: string | undefined): string =>
              (text ?? '')
                .replaceAll('USERS', `${places.directory}/users`)
                .replaceAll('ROOT', places.root)
                .replaceAll('DIRECTORY', places.directory)
                .replaceAll(/PORT(\d)/g, (_, number: string) => String(places.port(Number(number))));
            return `${fill(scenario.http)}\nserver {\n  ${listen(scenario, places.port(0))}\n  root ${places.root};\n  ${fill(scenario.server).replaceAll(/; (?!\})/g, ';\n  ')}\n}\n`;
          },
        });
        const url = `http://127.0.0.1:${lab.port(0)}${scenario.target ?? '/'}`;
        for (const target of scenario.before ?? []) await lab.get(target);
        const { report, code } = await diagnosed([...(scenario.args ?? []), url]);
        const [first] = report.findings;
        const told = JSON.stringify(
          {
            summary: report.summary,
            findings: report.findings.map((one) => [one.cause, one.confidence]),
            next: report.next.map((one) => one.cause),
            fix: report.fix,
            notes: report.notes,
          },
          null,
          1,
        );
        expect(report.outcome, told).toBe(scenario.outcome ?? 'refused');
        expect(report.observed?.status, told).toBe(scenario.status ?? 403);
        expect(first?.cause, told).toBe(scenario.cause);
        expect(first?.certainty, told).toBe(scenario.certainty ?? 'proven');
        expect(code, told).toBe(scenario.outcome === 'failed' ? 0 : 1);
        for (const id of scenario.refines ?? []) expect(first?.refines, told).toContain(id);
        if (scenario.beside !== undefined)
          expect(
            report.findings.filter((one) => one.beside === true).map((one) => one.cause),
            told,
          ).toEqual([scenario.beside]);
        if (scenario.producer !== undefined) expect(report.observed?.producer?.product, told).toBe(scenario.producer);
        if (scenario.quotes !== undefined)
          expect(
            first?.evidence.map((one) => one.text),
            told,
          ).toContain(scenario.quotes);
        if (scenario.next !== undefined)
          expect(
            report.next.map((one) => one.cause),
            told,
          ).toEqual(scenario.next);
        if (scenario.fix === 'none') {
          expect(report.fix?.proof.status ?? 'not-run', told).toBe('not-run');
        } else {
          expect(report.fix?.proof, told).toMatchObject({
            status: 'proven',
            by: 'server',
            before: scenario.status ?? 403,
            after: scenario.fix,
          });
          expect(report.fix?.proof.collateral.checked, told).toBeGreaterThan(10);
        }
      },
    );
  }
});
