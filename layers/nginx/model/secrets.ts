import { isSecretHeader, isSecretName } from '@why403/terms/redaction';
import { type Configuration, type Directive, descendants } from './syntax/index.ts';

/** Secrets as a whole: what secure_link hashes with (ngx_http_secure_link_module). */
const WHOLE: ReadonlySet<string> = new Set(['secure_link_secret', 'secure_link_md5', 'auth_jwt_key']);
/** `NAME VALUE`, where the name tells whether the value is a secret. */
const NAMED = /^(?:(?:proxy|grpc|more)_set_(?:input_)?headers?|(?:fastcgi|uwsgi|scgi)_param|add_header|env)$/;
const VARIABLE = /\$(?:\{\w+\}|\w+)/;
const SECRET_WORD = /secret|token|passw|api_?key|authorization|credential|signature/i;
/** What map and geo have beside their entries. */
const SETTINGS: ReadonlySet<string> = new Set([
  'default',
  'include',
  'hostnames',
  'volatile',
  'delete',
  'proxy',
  'proxy_recursive',
  'ranges',
]);

/**
 * Values in a configuration that are secrets: keys that requests are compared with, credentials that are
 * sent on, salts of signed links. They never leave the house in any sentence, quotation or patch.
 */
export function secretsIn({ directives }: Configuration): readonly string[] {
  return [...new Set(descendants(directives).flatMap((one) => secretsOf(one).flatMap(literalParts)))];
}

function secretsOf(directive: Directive): readonly string[] {
  const { name, args, block } = directive;
  if (WHOLE.has(name)) return args;
  if (name === 'set') return isSecretVariable(args[0]) ? args.slice(1) : [];
  if (name === 'if') return isComparedWithSecret(args) ? args.slice(2).map((arg) => arg.replace(/\)$/, '')) : [];
  if (NAMED.test(name)) return isSecretSetting(args[0] ?? '') ? args.slice(1) : [];
  if (name === 'map' && block !== null) {
    const entries = block.filter((entry) => !SETTINGS.has(entry.name));
    return [
      ...(isSecretVariable(args[0]) ? entries.map((entry) => entry.words[0]?.value ?? entry.name) : []),
      ...(isSecretVariable(args[1])
        ? block.filter((entry) => entry.name === 'default' || !SETTINGS.has(entry.name)).flatMap((entry) => entry.args)
        : []),
    ];
  }
  return [];
}

/** `if ($http_x_api_key != "…")`: the parenthesis belongs to the words. */
function isComparedWithSecret(args: readonly string[]): boolean {
  return args.length >= 3 && isSecretVariable(args[0]?.replace(/^\(/, ''));
}

/** Whether a variable, or a text that holds one, carries what a client has to keep to itself. */
function isSecretVariable(text: string | undefined): boolean {
  return [...(text ?? '').matchAll(/\$\{?(\w+)\}?/g)].some(([, name = '']) => {
    const [, kind, rest = ''] = /^(http|arg|cookie|sent_http|upstream_http|upstream_cookie)_(\w+)$/.exec(name) ?? [];
    if (kind === 'cookie' || kind === 'upstream_cookie') return true;
    if (kind === 'arg') return isSecretName(rest);
    if (kind !== undefined) return isSecretHeader(rest.replaceAll('_', '-'));
    return isSecretName(name) || SECRET_WORD.test(name);
  });
}

function isSecretSetting(name: string): boolean {
  return isSecretHeader(name) || isSecretName(name) || SECRET_WORD.test(name);
}

/** A value without its variables, a pattern's marks and the name of a scheme: `Bearer abc$uri` is `abc`. */
function literalParts(value: string): readonly string[] {
  return value
    .replace(/^(?:!?~\*?)/, '')
    .replace(/^\^|\$$/g, '')
    .split(VARIABLE)
    .map((part) => part.replace(/^\s*(?:Bearer|Basic|Token|Digest)(?:\\s[+*]?|\s)\s*/i, '').trim())
    .filter((part) => part !== '');
}
