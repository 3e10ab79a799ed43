import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { site } from '../walk.fixture.ts';
import { arrange, findPrefix } from './children.ts';
import type { Scope } from './scope.ts';

/** Which location takes the target: its modifier and name, or `none`. */
function taken(locations: string, target: string): string {
  const { locations: entered } = site(`server { listen 80; root /srv; ${locations} }`).walk({ target });
  return entered[0]?.args.join(' ') ?? 'none';
}

describe('the choice of a location', () => {
  it('prefers an exact name, then regular expressions in file order, then the longest prefix', () => {
    const locations = 'location / { } location /a/ { } location = /a/b { } location ~ b$ { } location ~* \\.B$ { }';
    expect(taken(locations, '/a/b')).toBe('= /a/b');
    expect(taken(locations, '/a/bb')).toBe('~ b$');
    expect(taken(locations, '/a/x.B')).toBe('~* \\.B$');
    expect(taken(locations, '/a/c')).toBe('/a/');
    expect(taken(locations, '/c')).toBe('/');
    expect(taken('location /a { }', '/b')).toBe('none');
  });

  it('keeps regular expressions off a ^~ of the same level only', () => {
    expect(taken('location ^~ /a { } location ~ x { }', '/ax')).toBe('^~ /a');
    // The trap: one level further in, it protects from that level's expressions, not from the outer ones.
    expect(taken('location /a { location ^~ /a/b { } location ~ inner { } } location ~ x { }', '/a/b/x')).toBe('~ x');
    expect(taken('location /a { location ^~ /a/b { } location ~ x { } }', '/a/b/x')).toBe('^~ /a/b');
  });

  it('never matches prefix and exact locations inside a regular expression', () => {
    expect(taken('location ~ ^/a { location /a/b { } location = /a/b { } location ~ c$ { } }', '/a/b')).toBe('~ ^/a');
    expect(taken('location ~ ^/a { location /a/b { } location ~ c$ { } }', '/a/bc')).toBe('~ c$');
  });

  it('answers 301 where only the slash of a passed location is missing', () => {
    const passed = site(
      'server { listen 80; root /srv; location /app/ { proxy_pass http://x; } location /own/ { } location = /exact { } location /exact/ { proxy_pass http://x; } }',
      { '/srv/x': '-rw-r--r-- root root' },
    );
    expect(passed.walk({ target: '/app?q' }).answer).toMatchObject({ status: 301, what: '/app/?q' });
    expect(passed.status('/own')).toBe(404);
    expect(passed.status('/exact')).toBe(404);
  });

  it('answers 404 for internal locations from outside, also for those nested in them', () => {
    const hidden = site('server { listen 80; root /srv; location /in/ { internal; location /in/deep/ { } } }', {
      '/srv/in/deep/x': '-rw-r--r-- root root',
    });
    expect(hidden.status('/in/deep/x')).toBe(404);
  });

  it('finds the longest prefix as a plain search does', () => {
    const name = fc.stringMatching(/^\/[ab/.-]{0,4}$/);
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 12 }), fc.stringMatching(/^\/[ab/.-]{0,6}$/), (names, uri) => {
        const scopes = names.map((one) => ({ kind: 'prefix', name: one, isAutoRedirecting: false }) as Scope);
        const longest = names.filter((one) => uri.startsWith(one)).sort((a, b) => b.length - a.length)[0];
        expect(findPrefix(arrange(scopes, false), uri)?.scope.name).toBe(longest);
      }),
    );
  });
});
