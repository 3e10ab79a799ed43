/**
 * The words that configurations, file trees and requests are made of. They are few, so that the three meet
 * often: a rule that no request reaches tests nothing.
 */

export const DIRECTORIES = ['a', 'a/b', 'a/b/c', 'docs', 'docs/a', 'img', 'A', 'deep/er/still'] as const;
export const FILES = ['index.html', 'x.html', 'y.txt', 'home.htm', 'up.HTML', '.hidden', 'sp ace.html', 'm%41.txt'] as const;

/** Texts of prefix and exact locations, shortest first. */
export const PREFIXES = [
  '/',
  '/a',
  '/a/',
  '/a/b',
  '/a/b/',
  '/a/b/c/',
  '/a/x.html',
  '/a/b/x.html',
  '/docs',
  '/docs/',
  '/docs/a/',
  '/img/',
  '/A/',
  '/x.html',
  '/index.html',
  '/errors/',
  '/.',
  '/p',
  '/p/',
] as const;

export const REGEXES = [
  '/a/',
  '/docs',
  '/',
  '\\.html$',
  '\\.(html|txt)$',
  '^/a',
  '^/a/(.+)$',
  '/b/',
  '^/(a|docs)/(.*)$',
  '/$',
  '^/p(?<rest>.*)$',
  '\\.TXT$',
  '/\\.',
  '^/docs(/|$)',
  'x',
  '^/[a-z]+/$',
  '"^/.{2,6}$"',
] as const;

export const HOSTS = [
  'example.com',
  'www.example.com',
  'api.example.com',
  'a.b.example.com',
  'example.org',
  'www.example.net',
  'localhost',
  'other.test',
] as const;

export const SERVER_NAMES = [
  'example.com',
  'www.example.com',
  '*.example.com',
  '.example.com',
  '*.b.example.com',
  'www.example.*',
  'example.*',
  '~^(?<label>[a-z]+)\\.example\\.com$',
  '~example',
  '_',
  '""',
  'localhost',
  'WWW.Example.ORG',
] as const;

/** Addresses and networks in allow, deny, geo and set_real_ip_from. */
export const NETWORKS = [
  '127.0.0.1',
  '127.0.0.2',
  '127.0.0.0/24',
  '127.0.0.0/8',
  '10.0.0.0/8',
  '10.1.2.3',
  '10.1.0.0/16',
  '192.0.2.0/24',
  '192.0.2.7',
  '0.0.0.0/0',
  '2001:db8::/32',
  '2001:db8::1',
  '2001:db8:1::/48',
  '::1',
  '::/0',
  '::ffff:10.1.2.3',
  '10.1.2.9/16',
] as const;

/** Peers: whatever the kernel lets us bind. */
export const PEERS = ['127.0.0.1', '127.0.0.2', '127.0.0.77', '127.3.0.9'] as const;

/** What a client writes into X-Real-IP or as an element of X-Forwarded-For. */
export const CLAIMED = [
  '10.1.2.3',
  '10.9.9.9',
  '192.0.2.7',
  '192.0.2.200',
  '127.0.0.2',
  '127.0.0.1',
  '2001:db8::1',
  '2001:db8:1::5',
  '::1',
  '::ffff:10.1.2.3',
  '10.1.2.3:8080',
  '[2001:db8::1]:443',
  '[2001:db8::1]',
  'unknown',
  '10.1.2',
  '',
  '203.0.113.5',
] as const;

export const AGENTS = ['Mozilla/5.0 (X11)', 'curl/8.5.0', 'GoogleBot/2.1', 'evil-scanner', ''] as const;

export const REFERERS = [
  'http://example.com/page',
  'https://www.example.com/',
  'http://www.example.net:8080/p/q',
  'http://evil.test/example.com',
  'http://example.com.evil.test/',
  'HTTP://EXAMPLE.COM/',
  'example.com',
  'Masked',
  'http://x',
  '-',
  '',
  'https://example.org/docs/x',
  'http://user@example.com/',
  'http://example.com',
] as const;

export const COOKIES = ['k=1', 'k=2; other=x', 'other=k', 'K=1', 'k=; other=1', 'a=b;k=1'] as const;

export const ARGUMENTS = [
  'x=1',
  'x=2',
  'x=1&y=%2e',
  'y',
  'X=1',
  'token=open',
  'x=&x=1',
  'a?x=1',
  'ip=10.1.2.3',
  'ip=::1',
  'ip=nonsense',
] as const;

export const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'OPTIONS',
  'PUT',
  'DELETE',
  'PATCH',
  'PROPFIND',
  'MKCOL',
  'TRACE',
  'FOO',
  'CONNECT',
  'get',
] as const;

/** Codes that a configuration returns or asks a stub to answer. */
export const CODES = [200, 204, 400, 401, 402, 403, 404, 405, 410, 418, 421, 429, 451, 500, 502, 503] as const;

/** Everybody's password is `builder`; each name has its own kind of hash, made by openssl and crypt(3). */
export const PASSWORD = 'builder';
export const PASSWORD_LINES = {
  plain: '{PLAIN}builder',
  sha: '{SHA}9SMYoF5RilWWASry7TjeaKwmpGg=',
  ssha: '{SSHA}XuqZo8Cby0+8guq9OzyThG7lmKRzYWx0',
  apr1: '$apr1$abcdefgh$LIQepOrDnCPxfpon9ueYt0',
  md5: '$1$abcdefgh$OG8ThcMs28pRS0i6HKg9B/',
  sha256: '$5$abcdefgh$Ah.olTBNiu5aUesB36SI0rYGmXIxg2ZsbETU/owy6i8',
  sha512: '$6$abcdefgh$8Iq8TGgzC4OgfMQCkbmLOQ7Hr2Ef.PgAqnpCQsiHMnIpldI6EGfVM5qvoHuXvnIqbnz1inKvQS/4oDr68dZL81',
  des: 'ab0YneVfCMp1c',
} as const;

export const LINK_SECRET = 'hush';
