import { parseAddress } from '@why403/terms/address';
import { describe, expect, it } from 'vitest';
import { site, deciding } from '../walk.fixture.ts';
import { findRule, type AccessRules } from './rules.ts';

const NONE: AccessRules = { directives: [], v4: [], v6: [], unix: [], broken: [] };

describe('allow and deny', () => {
  const judge = (rules: string, from: string) => {
    const walk = site(`server { listen 80; root /srv; ${rules} }`, { '/srv/index.html': '-rw-r--r-- root root' }).walk({ from });
    return walk.answer.state === 'answered' ? `${walk.answer.status} ${deciding(walk)}`.trim() : 'unknown';
  };

  it('take the first rule that covers the client', () => {
    expect(judge('allow 192.0.2.9; deny all;', '192.0.2.9')).toBe('200');
    expect(judge('deny 192.0.2.0/24; allow all;', '192.0.2.9')).toBe('403 deny 192.0.2.0/24');
    expect(judge('allow 192.0.2.8/31; deny all;', '192.0.2.10')).toBe('403 deny all');
  });

  it('let pass whom no rule of the family covers', () => {
    expect(judge('deny 0.0.0.0/0;', '2001:db8::1')).toBe('200');
    expect(judge('deny ::/0;', '192.0.2.9')).toBe('200');
    expect(judge('deny 2001:db8::/32;', '2001:db8::1')).toBe('403 deny 2001:db8::/32');
  });

  it('hold a mapped address against the IPv4 rules, if there are any', () => {
    expect(judge('deny 192.0.2.9; allow all;', '::ffff:192.0.2.9')).toBe('403 deny 192.0.2.9');
    expect(judge('deny ::ffff:0:0/96;', '::ffff:192.0.2.9')).toBe('403 deny ::ffff:0:0/96');
  });

  it('know nothing of a family without rules', () => {
    const client = parseAddress('192.0.2.1');
    expect(client === null ? 'no address' : findRule(NONE, client)).toBeNull();
  });

  it('are inherited together or not at all', () => {
    const nested = site(
      'server { listen 80; root /srv; deny all; location /open/ { allow 10.0.0.1; } location /six/ { deny ::1; } location /same/ { } }',
      {
        '/srv/open/x': '-rw-r--r-- root root',
        '/srv/six/x': '-rw-r--r-- root root',
        '/srv/same/x': '-rw-r--r-- root root',
      },
    );
    expect([nested.status('/open/x'), nested.status('/six/x'), nested.status('/same/x')]).toEqual([200, 200, 403]);
  });
});
