import type { Masked } from '@why403/terms/house';
import { header, type Headers } from '@why403/terms/request';

/** An answer as far as its status means anything. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly masks: Masked | null;
}

/**
 * What the status says and what it doesn't, beside 403: its neighbors are easily taken for one another, by those who
 * read them and by those who configure them. Null for a 403 that is one, and for whatever lets a request through.
 */
export function meaningOf({ status, headers, masks }: Answered): string | null {
  if (masks?.refuses === true) {
    return `A ${status} says that the request is wrong, and that is not what happened (${masks.says}): in substance it is a refusal, and it should be told as 403.`;
  }
  if (masks !== null && masks.status !== status) return null;
  return status === 403 ? misplaced(headers) : (MEANINGS.get(status)?.(headers) ?? null);
}

/** A 403 whose own headers say that it ought to be something else. */
function misplaced(headers: Headers): string | null {
  const challenge = schemesOf(headers);
  if (challenge !== null) {
    return `This 403 names a way to log in (${challenge}): without or with wrong credentials it should be told as 401, which clients answer by asking for them. A 403 says that credentials make no difference.`;
  }
  const wait = header(headers, 'retry-after');
  const isUsedUp = ['ratelimit-remaining', 'x-ratelimit-remaining'].some((name) => header(headers, name)?.trim() === '0');
  if (wait === undefined && !isUsedUp) return null;
  return `This 403 looks like a limit (${wait === undefined ? 'nothing remains of it' : `Retry-After: ${wait}`}): it should be told as 429, which clients answer by waiting.`;
}

const MEANINGS: ReadonlyMap<number, (headers: Headers) => string> = new Map([
  [
    401,
    (headers: Headers) => {
      const challenge = schemesOf(headers);
      return challenge === null
        ? 'A 401 must name in WWW-Authenticate how to log in (RFC 9110 §15.5.2), and this one does not, so that no client can act on it. If logging in makes no difference here, it should be told as 403.'
        : `A 401 asks who is calling (${challenge}): with the right credentials the same request may pass. A 403 would say that credentials make no difference.`;
    },
  ],
  [
    404,
    () =>
      'A 404 says that nothing is found at this address. It may also stand in for a 403, where a server does not want to tell what exists; nothing that was gathered shows that here.',
  ],
  [
    405,
    (headers: Headers) =>
      `A 405 refuses the method and nobody in particular${listed(headers, 'allow', ': allowed here is ')}. A 403 would say that this caller may not use it.`,
  ],
  [407, () => 'A 407 comes from a proxy on the way that wants a login of its own; the server was not asked.'],
  [
    410,
    () => 'A 410 says that what was here is gone for good; signed links use it for one that has run out. It is no 403: nobody gets it.',
  ],
  [
    421,
    () =>
      'A 421 says that the connection was made for another name than the one in Host (RFC 9110 §15.5.20): the same request on a connection of its own may pass. A 403 would not change with the connection.',
  ],
  [423, () => 'A 423 says that somebody holds a lock on it (RFC 4918): the same request may pass once that is given back.'],
  [426, (headers: Headers) => `A 426 wants another protocol${listed(headers, 'upgrade', ': ')}, and refuses nobody who speaks it.`],
  [
    429,
    (headers: Headers) =>
      `A 429 is a limit and no missing permission: the same request passes later${listed(headers, 'retry-after', ', by its Retry-After in seconds or at ')}.`,
  ],
  [444, () => 'The connection is closed without an answer, so that the caller sees no status at all: a refusal that looks like an outage.'],
  [451, () => 'A 451 refuses for legal reasons (RFC 7725), often by country; no change of permissions lifts it.'],
  [500, () => 'A 500 is a fault of the server and no decision about the caller: it could not find out what to answer.'],
  [502, () => 'A 502 says that nothing usable came from behind the server that answered; nobody refused.'],
  [
    503,
    (headers: Headers) =>
      `A 503 says that the server can't answer now${listed(headers, 'retry-after', ', and to come back: ')}: it is overloaded, being worked on, or uses this status for a limit, which should be told as 429. It is no missing permission.`,
  ],
  [504, () => 'A 504 says that what is behind the server that answered took too long; nobody refused.'],
]);

/** The names of the authentication schemes; their parameters may hold a nonce. */
function schemesOf(headers: Headers): string | null {
  const schemes = headers
    .filter(([name]) => name.toLowerCase() === 'www-authenticate')
    .map(([, value]) => /^[A-Za-z][\w-]*/.exec(value.trim())?.[0])
    .filter((scheme) => scheme !== undefined);
  return schemes.length === 0 ? null : [...new Set(schemes)].join(', ');
}

function listed(headers: Headers, name: string, before: string): string {
  const value = header(headers, name)?.trim();
  return value === undefined || value === '' ? '' : `${before}${value}`;
}
