import { identityOf, treeOf, USUAL_ACCOUNTS } from '@why403/filesystem';
import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { onion } from '../onion.ts';
import { assemble, parse } from '../syntax/index.ts';
import type { ModelRequest, World } from '../trace.ts';
import { attribute, type Attributed } from './attribute.ts';
import type { Observation } from './observation.ts';

const PATH = '/etc/nginx/nginx.conf';

function attributed(server: string, observation: Observation | null): readonly Attributed[] {
  const parsed = parse(`events {}\nhttp {\nserver {\nlisten 80;\nroot /srv;\n${server}\n}\n}\n`, PATH, { real: PATH, encoding: 'utf8' });
  if ('error' in parsed) throw new Error(parsed.error.message);
  const assembled = assemble(PATH, '/etc/nginx', new Map([[PATH, parsed.ok]]), () => ({ paths: [] }));
  if ('error' in assembled) throw new Error(assembled.error.message);
  const worker = identityOf(USUAL_ACCOUNTS, 'www-data');
  if (worker === null) throw new Error('no www-data');
  const world: World = {
    tree: treeOf({ '/srv/index.html': '-rw-r--r-- root root' }),
    worker,
    verifyPassword: () => null,
    md5: () => null,
    upstream: () => null,
    authRequest: () => null,
    modules: null,
  };
  const request: ModelRequest = {
    method: 'GET',
    target: '/',
    httpVersion: '1.1',
    headers: [['Host', 'a.test']],
    peer: { address: '127.0.0.1', port: 40_000 },
    local: { address: '127.0.0.1', port: 80 },
    tls: null,
    time: 1_700_000_000,
  };
  return attribute(onion(compile(assembled.ok, { user: 'www-data' }), request, world).refusals, observation);
}

function seen(status: number, messages: readonly string[], more: Partial<Observation> = {}): Observation {
  const errors = messages.map((message) => ({ file: '/var/log/nginx/error.log', line: null, level: 'error', message, text: message }));
  return { status, errors, recordsErrors: true, access: null, quotes: [], ...more };
}

const kinds = (items: readonly Attributed[]): readonly (readonly [number, string])[] => items.map((item) => [item.at, item.refusal.kind]);

describe('attribute', () => {
  it('lets a log line decide between a doubtful step and a sure one', () => {
    const server = 'modsecurity on;\ndeny all;';
    expect(kinds(attributed(server, seen(403, ['access forbidden by rule'])))).toEqual([[0, 'access-rule']]);
    const [first, next] = attributed(server, seen(403, ['ModSecurity: Access denied with code 403 (phase 2).']));
    expect([first?.refusal.kind, first?.at, next?.refusal.kind, next?.at]).toEqual(['module', 0, 'access-rule', 1]);
  });

  it('takes silence at a recorded level for a silent refusal', () => {
    const items = attributed('proxy_pass http://127.0.0.1:9;', seen(403, []));
    expect(kinds(items)).toEqual([[0, 'upstream']]);
    expect(items[0]?.context.some((one) => one.kind === 'absence')).toBe(true);
  });

  it('rules a loud refusal out when its line is missing from a log that was read', () => {
    expect(attributed('deny all;', seen(403, []))).toEqual([]);
  });

  it('rules nothing out by a log that nobody could read', () => {
    const [item] = attributed('deny all;', { ...seen(403, []), errors: null, recordsErrors: null });
    expect(item?.refusal.kind).toBe('access-rule');
    expect(item?.confidence).toBeGreaterThanOrEqual(0.95);
  });

  it('believes the access log about what came from behind', () => {
    const proxied = 'proxy_pass http://127.0.0.1:9;';
    const access = (status: string): Partial<Observation> => ({ access: new Map([['upstream_status', status]]) });
    expect(attributed(proxied, seen(403, [], access('403')))[0]?.confidence).toBeGreaterThanOrEqual(0.95);
    expect(attributed(proxied, seen(403, [], access('-')))).toEqual([]);
  });

  it('finds no refusal in a request that was let through', () => {
    expect(attributed('deny all;', seen(200, []))).toEqual([]);
  });

  it('finds the refusal behind a mask', () => {
    const items = attributed(
      'error_page 403 =200 /index.html;\nlocation / { deny all; }\nlocation = /index.html { allow all; }',
      seen(200, ['access forbidden by rule']),
    );
    expect(kinds(items)).toEqual([[0, 'access-rule']]);
  });

  it('takes a page that nginx did not write for the word of what is behind, unless an error_page may have put it there', () => {
    const foreign = seen(403, [], { page: 'foreign' });
    expect(attributed('proxy_pass http://127.0.0.1:9;', foreign)[0]?.confidence).toBeGreaterThanOrEqual(0.95);
    expect(attributed('proxy_pass http://127.0.0.1:9;', seen(403, [], { page: 'own' }))[0]?.confidence).toBeLessThan(0.95);
    expect(attributed('error_page 403 /sorry;\nproxy_pass http://127.0.0.1:9;', foreign)[0]?.confidence).toBeLessThan(0.95);
  });

  it.each([404, 500, 502])('calls a %i from behind a failure, not a refusal', (status) => {
    const access = new Map([['upstream_status', String(status)]]);
    expect(attributed('proxy_pass http://127.0.0.1:9;', seen(status, []))).toEqual([]);
    expect(attributed('proxy_pass http://127.0.0.1:9;', seen(status, [], { access }))).toEqual([]);
  });

  it.each(['return 404;', 'return 503;', 'if ($request_method = GET) { return 405; }', 'try_files /x =404;'])(
    'finds no refusal in what only fails: %s',
    (server) => {
      const status = Number(/\d{3}/.exec(server)?.[0]);
      expect(attributed(server, seen(status, []))).toEqual([]);
      expect(attributed(server, null)).toEqual([]);
    },
  );

  it('believes the access log that a failure shown to the client was a refusal behind', () => {
    const access = new Map([['upstream_status', '403']]);
    const server = 'proxy_intercept_errors on;\nerror_page 403 =404 /none;\nproxy_pass http://127.0.0.1:9;';
    expect(kinds(attributed(server, seen(404, [], { access })))).toEqual([[0, 'upstream']]);
  });
});
