import type { Directive } from '../syntax/ast.ts';
import { toBytes } from './bytes.ts';
import { compileText, type CompiledText, expand, merged } from './expand.ts';
import { decodeBase64, fromRequest } from './header-variables.ts';
import { describe } from './map.ts';
import { inherited, own, scopeOf } from './scope.ts';
import { known, missing, type State, type Text } from './state.ts';
import { unparsedUri } from './target.ts';

interface Part {
  readonly directive: Directive;
  readonly text: CompiledText;
}

const part = (name: string): ((from: Directive | null) => Part | null) =>
  inherited<Part>((block) => {
    const [directive] = own(block, name);
    const value = directive?.args[0];
    return directive === undefined || value === undefined ? null : { directive, text: compileText(value) };
  });

const linkAt = part('secure_link');
const md5At = part('secure_link_md5');
const secretAt = part('secure_link_secret');

/**
 * `$secure_link` (ngx_http_secure_link_module): empty when the link is wrong, `0` when it expired, else `1`;
 * in the older mode of `secure_link_secret` the link itself.
 */
export function secureLink(state: State): Text {
  const scope = scopeOf(state);
  const link = linkAt(scope);
  const md5 = md5At(scope);
  const secret = secretAt(scope);
  // A block's own secret shuts out the outer expressions, and the other way round.
  if (secret !== null && depthOf(secret.directive) > Math.max(depthOf(link?.directive), depthOf(md5?.directive))) {
    return bySecret(secret, state);
  }
  return link === null || md5 === null ? known('') : byExpression(link, md5, state);
}

function depthOf(directive: Directive | undefined): number {
  let depth = 0;
  for (let scope = directive?.parent ?? null; scope !== null; scope = scope.parent) depth++;
  return directive === undefined ? -1 : depth;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function byExpression(link: Part, md5: Part, state: State): Text {
  const given = expand(link.text, state);
  if (!given.known) return given;
  const [hash, expires] = cutAtComma(given.value);
  const answer = (value: string, inner: Text = given): Text => ({
    known: true,
    value,
    provenance: describe('secure_link', value, md5.directive, null, given.provenance, inner.known ? inner.provenance : []),
  });
  const until = expires === undefined ? 0 : Number(/^[0-9]{1,18}$/.test(expires) ? expires : -1);
  if (expires !== undefined) {
    if (until <= 0) return answer('');
    // Read by $secure_link_expires, which is set only from here on.
    state.assigned.set('secure_link_expires', { known: true, value: expires, provenance: given.provenance });
  }
  const decoded = hash.length > 24 ? null : decodeBase64(hash, ALPHABET);
  if (decoded?.length !== 16) return answer('');
  const signed = expand(md5.text, state);
  if (!signed.known) return signed;
  const expected = state.world.md5(signed.value);
  if (expected === null) return missing('the MD5 sum that $secure_link compares');
  if (decodeBase64(expected, ALPHABET) !== decoded) return answer('', signed);
  return answer(until > 0 && until < Math.floor(state.request.time) ? '0' : '1', signed);
}

function cutAtComma(text: string): readonly [string, string | undefined] {
  const comma = text.indexOf(',');
  return comma < 0 ? [text, undefined] : [text.slice(0, comma), text.slice(comma + 1)];
}

/** `/prefix/hash/link`: the MD5 sum of link and secret in hexadecimal. */
function bySecret(secret: Part, state: State): Text {
  const uri = unparsedUri(state.request.target);
  const found = /^.[^/]*\/([^/]*)\/([^]+)$/.exec(uri);
  const source = fromRequest('request_uri', uri);
  const provenance = source.known ? source.provenance : [];
  const answer = (value: string): Text => ({
    known: true,
    value,
    provenance: describe('secure_link', value, secret.directive, null, provenance, []),
  });
  const [, hash = '', link = ''] = found ?? [];
  if (!/^[0-9a-fA-F]{32}$/.test(hash)) return answer('');
  const expected = state.world.md5(link + toBytes(secret.directive.args[0] ?? '', 'utf8'));
  if (expected === null) return missing('the MD5 sum that $secure_link compares');
  const decoded = decodeBase64(expected, ALPHABET) ?? '';
  const hex = Array.from(decoded, (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return answer(hex === hash.toLowerCase() ? link : '');
}

/** `$secure_link_expires`: what stood behind the comma, once `$secure_link` has been read; else empty. */
export function secureLinkExpires(state: State): Text {
  const link = linkAt(scopeOf(state));
  const given = link === null ? null : expand(link.text, state);
  return { known: true, value: '', provenance: given?.known === true ? merged([], given.provenance) : [] };
}
