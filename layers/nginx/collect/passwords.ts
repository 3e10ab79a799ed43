import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether a password fits an entry of a password file, for the forms that nginx itself reads (ngx_crypt.c):
 * `{PLAIN}`, `{SHA}`, `{SSHA}`, `$apr1$`, and of crypt(3) the MD5 form `$1$`. Null for other forms, which
 * only the system's own crypt knows.
 */
export function verifyPassword(stored: string, password: string): boolean | null {
  const bytes = Buffer.from(password, 'latin1');
  if (stored.startsWith('{PLAIN}')) return isEqual(stored.slice(7), password);
  if (stored.startsWith('{SHA}')) return isEqual(stored.slice(5), createHash('sha1').update(bytes).digest('base64'));
  if (stored.startsWith('{SSHA}')) return verifySalted(stored.slice(6), bytes);
  const md5 = /^\$(apr1|1)\$([^$]{0,8})\$/.exec(stored);
  if (md5 !== null) return isEqual(stored, md5Crypt(bytes, md5[2] ?? '', `$${md5[1] ?? ''}$`));
  return null;
}

/** MD5 of latin1 text as base64url without padding: what secure_link compares. */
export function md5Base64Url(text: string): string {
  return createHash('md5').update(Buffer.from(text, 'latin1')).digest('base64url');
}

function isEqual(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1')];
  return one.length === other.length && timingSafeEqual(one, other);
}

const SHA1_LENGTH = 20;

function verifySalted(encoded: string, password: Buffer): boolean {
  const decoded = Buffer.from(encoded, 'base64');
  const digest = createHash('sha1').update(password).update(decoded.subarray(SHA1_LENGTH)).digest();
  return decoded.length > SHA1_LENGTH && timingSafeEqual(decoded.subarray(0, SHA1_LENGTH), digest);
}

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ROUNDS = 1000;

/** Poul-Henning Kamp's MD5 crypt, as FreeBSD and Apache write it. */
function md5Crypt(password: Buffer, salt: string, magic: string): string {
  const salted = Buffer.from(salt, 'latin1');
  const inner = createHash('md5').update(password).update(salted).update(password).digest();
  const first = createHash('md5').update(password).update(magic, 'latin1').update(salted);
  for (let left = password.length; left > 0; left -= 16) first.update(inner.subarray(0, Math.min(16, left)));
  for (let bits = password.length; bits > 0; bits >>= 1) first.update((bits & 1) === 1 ? Buffer.of(0) : password.subarray(0, 1));
  let digest = first.digest();
  for (let round = 0; round < ROUNDS; round += 1) {
    const hash = createHash('md5').update((round & 1) === 1 ? password : digest);
    if (round % 3 !== 0) hash.update(salted);
    if (round % 7 !== 0) hash.update(password);
    digest = hash.update((round & 1) === 1 ? digest : password).digest();
  }
  return `${magic}${salt}$${encode(digest)}`;
}

/** Three bytes to four letters, in the order the algorithm prescribes. */
function encode(digest: Buffer): string {
  const at = (index: number): number => digest[index] ?? 0;
  const groups: readonly (readonly [number, number, number])[] = [
    [0, 6, 12],
    [1, 7, 13],
    [2, 8, 14],
    [3, 9, 15],
    [4, 10, 5],
  ];
  const letters = (value: number, count: number): string =>
    Array.from({ length: count }, (_, index) => ALPHABET[(value >> (6 * index)) & 63]).join('');
  return groups.map(([a, b, c]) => letters((at(a) << 16) | (at(b) << 8) | at(c), 4)).join('') + letters(at(11), 2);
}
