import { hasNginx, isRoot, type LabSpec, startLab } from '@why403/nginx/lab';
import { describe, expect, it } from 'vitest';
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
  readonly cause: string;
  /** `proven` unless told. */
  readonly certainty?: 'likely';
  readonly refines?: readonly string[];
  readonly status?: number;
  /** `refused` unless told. */
  readonly outcome?: 'failed';
  /** Part of the line that decided. */
  readonly quotes?: string;
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
    cause: 'filesystem/name-mismatch', certainty: 'likely',
    fix: 'none',
  },
  { name: 'a directory of files', tree: { 'd/a.zip': page, 'd/b.zip': page }, target: '/d/', cause: 'nginx/autoindex-off', fix: 200 },
  {
    name: 'a limit that answers 403',
    http: 'limit_req_zone $binary_remote_addr zone=few:1m rate=1r/m;',
    server: 'limit_req zone=few; limit_req_status 403;',
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
];

describe.skipIf(!hasNginx)('diagnose on a real nginx', () => {
  for (const scenario of scenarios) {
    it.skipIf(scenario.root === true && !isRoot).concurrent(scenario.name, async () => {
      await using lab = await startLab({
        tree: { ...tree, ...scenario.tree },
        files: scenario.files ?? {},
        http: (places) => {
          const fill = (text: string | undefined): string =>
            (text ?? '').replaceAll('USERS', `${places.directory}/users`).replaceAll('ROOT', places.root);
          return `${fill(scenario.http)}\nserver {\n  listen 127.0.0.1:${places.port(0)};\n  root ${places.root};\n  ${fill(scenario.server).replaceAll(/; (?!\})/g, ';\n  ')}\n}\n`;
        },
      });
      const url = `http://127.0.0.1:${lab.port(0)}${scenario.target ?? '/'}`;
      if (scenario.cause === 'nginx/limit-req-403') await lab.get('/');
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
    });
  }
});
