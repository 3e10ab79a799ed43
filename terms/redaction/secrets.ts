/** Header fields that carry a secret as a whole, by the words of their name. */
const SECRET_HEADER =
  /(?:^|[-_])(?:authorization|tokens?|secret|password|passwd|pwd|passphrase|api-?key|key|session(?:-?id)?|sid|signature|sig|credentials?|cookie2?|jwt|assertion|csrf|xsrf|otp|auth$|oidc-data)(?:[-_]|$)/;

/** Names that look secret to the pattern above and are not. */
const PLAIN_HEADERS = new Set([
  'sec-websocket-key',
  'idempotency-key',
  'surrogate-key',
  'x-cache-key',
  'cache-key',
  'signature-input',
  'set-cookie-policy',
  'x-csrf-protection',
]);

/** Whether the value of a header field of that name is a secret. */
export function isSecretHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return SECRET_HEADER.test(lower) && !PLAIN_HEADERS.has(lower);
}

/*
 * Query, form and JSON names: bearer and one-time credentials (RFC 6750 §2.3, OAuth `code`), signed URLs
 * of AWS, Google, Azure (`sig`), CloudFront (`Signature`, `Policy`) and nginx secure_link (`md5`).
 */
const SECRET_NAME =
  /^(?:.*[-_.])?(?:tokens?|secret|password|passwd|pwd|pass|passphrase|key|api-?key|apikey|access-?key|accesskey|secretkey|signature|sig|credentials?|sid|session|session-?id|sessionid|phpsessid|jsessionid|jwt|auth|authorization|assertion|otp|csrf|xsrf|csrfmiddlewaretoken|hmac|md5)$/;
const SECRET_NAMES = new Set([
  'code',
  'policy',
  'st',
  'hash',
  'idtoken',
  'accesstoken',
  'refreshtoken',
  'clientsecret',
  'samlresponse',
  'ticket',
]);
const PLAIN_NAMES = new Set(['key-pair-id', 'cache-key', 'public-key']);

/** Whether a parameter of that name (percent-decoded) carries a secret. */
export function isSecretName(name: string): boolean {
  // camelCase is read as its words: `accessKey` as `access-key`
  const lower = name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
  return (SECRET_NAME.test(lower) || SECRET_NAMES.has(name.toLowerCase())) && !PLAIN_NAMES.has(lower);
}

/** Shapes that are secrets wherever they stand, with the word for their kind. Each runs in linear time. */
export const SECRET_SHAPES: readonly { readonly kind: string; readonly pattern: RegExp }[] = [
  { kind: 'jwt', pattern: /\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){0,3}/g },
  { kind: 'aws-key', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { kind: 'github-token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})/g },
  { kind: 'gitlab-token', pattern: /\bgl(?:pat|dt|rt|cbt|ptt|ft)-[A-Za-z0-9_-]{16,}/g },
  { kind: 'slack-token', pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g },
  { kind: 'google-key', pattern: /\bAIza[A-Za-z0-9_-]{35}/g },
  { kind: 'google-token', pattern: /\bya29\.[A-Za-z0-9_-]{20,}/g },
  { kind: 'stripe-key', pattern: /\b[rsw][kh]_?(?:live|test|sec)_[A-Za-z0-9]{16,}/g },
  { kind: 'api-key', pattern: /\bsk-[A-Za-z0-9_-]{16,}/g },
  { kind: 'npm-token', pattern: /\bnpm_[A-Za-z0-9]{30,}/g },
  { kind: 'why403-key', pattern: /\bw403_[A-Za-z0-9]{8}_[A-Za-z0-9_-]{20,}/g },
];
