import type { Headers } from '@why403/terms/request';
import { redactHeaderValue, redactText } from './redact.ts';
import { isSecretHeader } from './secrets.ts';

export { secretsOfRequest, withKnown } from './known.ts';
export { isSecretHeader, isSecretName } from './secrets.ts';

/**
 * Replaces secrets by `[redacted:KIND:LENGTHS:TAG]`: what it was, a band of lengths, and a keyed tag by
 * which two occurrences of one secret can be told to be the same. Redacting twice changes nothing.
 */
export interface Redactor {
  /** One secret, known to be one. */
  secret(kind: string, value: string): string;
  /** One field's value, by the field's name. */
  header(name: string, value: string): string;
  headers(headers: Headers): Headers;
  /** A request target: secret parameters, and secrets by shape anywhere. */
  target(target: string): string;
  /** Any text: a log line, a line of configuration, a body, a URL. */
  text(text: string): string;
}

/** HMAC under a key that is random per run or bundle, as hexadecimal text. A plain hash would let short secrets be guessed. */
export type KeyedHash = (text: string) => string;

const TAG_LENGTH = 8;
const BANDS = [8, 16, 32, 64, 128, 512] as const;

/** The band a length falls into: exact lengths narrow a guess. */
function band(length: number): string {
  let from = 1;
  for (const to of BANDS) {
    if (length <= to) return `${from}-${to}`;
    from = to + 1;
  }
  return `${from}+`;
}

/** A redactor that tags with `hash`. Pure as long as `hash` is. */
export function createRedactor(hash: KeyedHash): Redactor {
  function secret(kind: string, value: string): string {
    if (value === '' || isRedacted(value)) return value;
    return `[redacted:${kind}:${band(value.length)}:${hash(value).slice(0, TAG_LENGTH)}]`;
  }
  function header(name: string, value: string): string {
    return isSecretHeader(name) ? redactHeaderValue(name, value, secret) : redactText(value, secret);
  }
  return {
    secret,
    header,
    headers: (headers) => headers.map(([name, value]) => [name, header(name, value)] as const),
    target: (target) => redactText(target, secret),
    text: (text) => redactText(text, secret),
  };
}

function isRedacted(value: string): boolean {
  return /^\[redacted:[a-z0-9-]+:[0-9+-]+:[0-9a-f]+\]$/.test(value);
}
