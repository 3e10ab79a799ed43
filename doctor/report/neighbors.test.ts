import { describe, expect, it } from 'vitest';
import { meaningOf } from './neighbors.ts';

const meaning = (status: number, headers: readonly (readonly [string, string])[] = []): string | null =>
  meaningOf({ status, headers, masks: null });

describe('meaningOf', () => {
  it.each([200, 302, 403])('has nothing to add to a plain %i', (status) => {
    expect(meaning(status)).toBeNull();
  });

  it.each([401, 404, 405, 407, 410, 421, 423, 426, 429, 451, 500, 502, 503, 504])('tells %i from 403', (status) => {
    expect(meaning(status)).toContain(`A ${status} `);
  });

  it('tells a 401 that asks from one that does not', () => {
    expect(meaning(401, [['WWW-Authenticate', 'Basic realm="x"']])).toContain('(Basic)');
    expect(meaning(401)).toContain('should be told as 403');
  });

  it('knows a 403 that should have been a 401', () => {
    expect(meaning(403, [['www-authenticate', 'Bearer realm="api"']])).toContain('should be told as 401');
  });

  it('knows a 403 that should have been a 429', () => {
    expect(meaning(403, [['Retry-After', '30']])).toContain('should be told as 429');
    expect(meaning(403, [['X-RateLimit-Remaining', '0']])).toContain('should be told as 429');
    expect(meaning(403, [['X-RateLimit-Remaining', '12']])).toBeNull();
  });

  it('says what is allowed, and when to come back', () => {
    expect(meaning(405, [['Allow', 'GET, HEAD']])).toContain('GET, HEAD');
    expect(meaning(503, [['Retry-After', '120']])).toContain('120');
  });

  it('says when a status of the server’s own hides a refusal', () => {
    const masks = { status: 496, refuses: true, says: 'no client certificate came' };
    expect(meaningOf({ status: 400, headers: [], masks })).toContain('should be told as 403');
  });

  it('leaves it to the mask to say what it hides', () => {
    expect(meaningOf({ status: 404, headers: [], masks: { status: 403, says: 'error_page' } })).toBeNull();
  });
});
