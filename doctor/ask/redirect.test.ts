import { domainToASCII } from 'node:url';
import type { AskPorts } from '@why403/client';
import { isFault } from '@why403/terms/fault';
import { type Exchange, header } from '@why403/terms/request';
import { expect, test } from 'vitest';
import { askUrl, type Asked } from './ask-url.ts';
import type { GivenFlag } from './curl-flags.ts';
import { followRedirect } from './redirect.ts';

const ports: AskPorts = { read: () => new Uint8Array(), toAscii: domainToASCII, environment: {}, mark: '00', version: '1', now: () => 0 };
const settings = { maySend: true, hasEvidence: false, mayProbe: false };

function asked(given: readonly GivenFlag[]): Asked {
  const made = askUrl('http://h/a/b', [{ name: '--location', value: null }, ...given], settings, ports);
  if (isFault(made)) throw made;
  return made;
}
function answer(from: Asked, status: number, location: string): Exchange {
  const end = { address: '127.0.0.1', port: 80 };
  return {
    question: from.question,
    mark: null,
    sentAt: 0,
    receivedAt: 0,
    local: end,
    remote: end,
    status,
    reason: '',
    headers: [['location', location]],
    body: '',
    tls: null,
  };
}
const credentials: readonly GivenFlag[] = [
  { name: '--user', value: 'a:b' },
  { name: '--cookie', value: 'c=1' },
];
function follow(from: Asked, status: number, location: string): Asked {
  const next = followRedirect(from, answer(from, status, location), settings, ports);
  if (next === null || isFault(next)) throw next ?? new Error('nothing to follow');
  return next;
}

test('a relative Location stays on the host with its credentials', () => {
  const next = follow(asked(credentials), 302, '../c?d=1');
  expect(next.question).toMatchObject({ method: 'GET', hostname: 'h', target: '/c?d=1' });
  expect([header(next.question.headers, 'Authorization'), header(next.question.headers, 'Cookie')]).toEqual(['Basic YTpi', 'c=1']);
  expect(next.plan.redirects).toBe(49);
});

test('credentials do not go to another origin, unless told', () => {
  const next = follow(asked(credentials), 301, 'https://other.example/');
  expect(next.question.headers.map(([name]) => name)).toEqual(['Host', 'User-Agent', 'Accept']);
  expect(header(next.question.headers, 'Host')).toBe('other.example');
  const trusted = follow(asked([...credentials, { name: '--location-trusted', value: null }]), 301, '//h:81/');
  expect(header(trusted.question.headers, 'Cookie')).toBe('c=1');
});

test('a POST becomes GET on 302 and 303, stays POST on 307, and stays what -X says', () => {
  const post: readonly GivenFlag[] = [{ name: '--data', value: 'x' }];
  expect(follow(asked(post), 302, '/').question).toMatchObject({ method: 'GET', bodyLength: 0 });
  expect(header(follow(asked(post), 303, '/').question.headers, 'Content-Type')).toBeUndefined();
  expect(follow(asked(post), 307, '/').question).toMatchObject({ method: 'POST', bodyLength: 1 });
  expect(follow(asked([{ name: '--request', value: 'PUT' }]), 303, '/').question.method).toBe('PUT');
});

test('nothing to follow is null, and a bad place is a fault', () => {
  const from = asked([]);
  expect(followRedirect(from, answer(from, 200, '/x'), settings, ports)).toBeNull();
  const without = { ...from, plan: { ...from.plan, redirects: 0 } };
  expect(followRedirect(without, answer(without, 302, '/x'), settings, ports)).toBeNull();
  expect(followRedirect(from, answer(from, 302, 'ftp://x/'), settings, ports)).toMatchObject({ code: 'url/scheme' });
});
