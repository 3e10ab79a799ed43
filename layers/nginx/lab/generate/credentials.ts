import { createHash } from 'node:crypto';
import type { Random } from './random.ts';
import { LINK_SECRET, PASSWORD, PASSWORD_LINES, PREFIXES } from './vocabulary.ts';

/** An Authorization header: right, wrong, or none that anybody could read. */
export function credentials(random: Random): string {
  const [first, ...others] = ['plain', ...Object.keys(PASSWORD_LINES), 'comment', 'empty', 'last', 'nobody', 'other'] as const;
  const basic = (text: string): string => `Basic ${Buffer.from(text, 'latin1').toString('base64')}`;
  const user = random.pick([first, ...others]);
  return random.weighed<() => string>([
    [8, () => basic(`${user}:${PASSWORD}`)],
    [3, () => basic(`${user}:wrong`)],
    [0.5, () => basic(`${user}:`)],
    [0.5, () => basic(user)],
    [0.5, () => basic(`:${PASSWORD}`)],
    [0.5, () => basic(`${user}:${PASSWORD}:x`)],
    [0.5, () => `bAsIc ${Buffer.from(`plain:${PASSWORD}`).toString('base64')}`],
    [0.5, () => `Basic   ${Buffer.from(`plain:${PASSWORD}`).toString('base64')}`],
    [0.3, () => 'Basic'],
    [0.3, () => 'Basic !!!'],
    [0.5, () => 'Bearer abc'],
  ])();
}

const md5 = (text: string): Buffer => createHash('md5').update(text, 'latin1').digest();

/** For `secure_link`: right, wrong, expired or endless. Never about to expire, so that no test waits on a clock. */
export function linkArguments(random: Random, path: string): string {
  const expires = random.pick(['4102444800', '1000000000', '1000000000', '', 'soon', '0']);
  const right = md5(`${LINK_SECRET}${path}${expires}`).toString('base64url');
  const hash = random.weighed([
    [5, right],
    [1, right.replace(/^./, '_')],
    [1, 'short'],
    [1, ''],
  ]);
  return random.weighed([
    [6, `md5=${hash}&expires=${expires}`],
    [1, `md5=${hash}`],
    [1, `md5=${md5(LINK_SECRET + path).toString('base64url')}`],
  ]);
}

/** For `secure_link_secret`: /prefix/hash/link. */
export function secretLink(random: Random): string {
  const link = random.pick(['x.html', 'a/x.html', '']);
  return `${random.pick(PREFIXES).replace(/\/?$/, '')}/${random.pick([md5(link + LINK_SECRET).toString('hex'), 'f'.repeat(32), 'short'])}/${link}`;
}
