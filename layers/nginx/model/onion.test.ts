import { describe, expect, it } from 'vitest';
import { site } from './walk.fixture.ts';

const kinds = (onion: ReturnType<ReturnType<typeof site>['onion']>) =>
  onion.refusals.map(({ refusal, certain }) => `${refusal.kind} ${refusal.status}${certain ? '' : ' maybe'}`);

describe('the onion', () => {
  it('lifts refusal after refusal in the order of the server', () => {
    const stacked = site(
      `server { listen 80; root /srv; modsecurity on;
        if ($http_user_agent ~ curl) { return 403; }
        location /a/ { deny all; auth_basic a; auth_basic_user_file /passwords; } }`,
      { '/srv': 'drwx------ root root', '/srv/a/x': '-rw------- root root' },
    );
    const peeled = stacked.onion({ target: '/a/x', headers: [['User-Agent', 'curl/8']] });
    expect(kinds(peeled)).toEqual([
      'return 403',
      'module 403 maybe',
      'access-rule 403',
      'auth-basic-credentials 401',
      'obstacle 403',
      'obstacle 403',
    ]);
    expect(peeled.walks.at(-1)?.answer).toMatchObject({ state: 'answered', status: 200 });
  });

  it('stops where nothing can be lifted', () => {
    const missing = site('server { listen 80; root /srv; location /a { deny all; } }', { '/srv/x': '-rw-r--r-- root root' }).onion({
      target: '/a',
    });
    expect(kinds(missing)).toEqual(['access-rule 403', 'obstacle 404']);
  });

  it('is empty for what is allowed', () => {
    const open = site('server { listen 80; root /srv; }', { '/srv/x': '-rw-r--r-- root root' }).onion({ target: '/x' });
    expect([open.refusals.length, open.walks.length]).toEqual([0, 1]);
  });

  it('needs one lift where any of several would do', () => {
    const any = site('server { listen 80; root /srv; satisfy any; deny all; auth_basic a; auth_basic_user_file /passwords; }', {
      '/srv/x': '-rw-r--r-- root root',
    });
    expect(kinds(any.onion({ target: '/x' }))).toEqual(['auth-basic-credentials 401']);
  });

  it('goes on behind every return that an unknown variable may lead to', () => {
    const unknown = site(
      `server { listen 80; root /srv; if ($geoip2_country = XX) { return 403; } if ($geoip2_city = Y) { return 410; } deny all; }`,
      { '/srv/x': '-rw-r--r-- root root' },
    );
    expect(kinds(unknown.onion({ target: '/x' }))).toEqual(['return 403 maybe', 'return 410 maybe', 'access-rule 403']);
  });

  it('is in doubt about everything behind a step that may lead elsewhere', () => {
    const elsewhere = site('server { listen 80; root /srv; if ($geoip2_country = XX) { rewrite ^ /y; } deny all; }', {
      '/srv/x': '-rw-r--r-- root root',
    });
    expect(kinds(elsewhere.onion({ target: '/x' }))).toEqual(['access-rule 403 maybe']);
  });
});
