import type { Evidence } from '@why403/decision';
import type { Directive } from '../model/syntax/ast.ts';

/** Directives whose arguments may hold a secret: their arguments are never quoted. */
const SECRETIVE =
  /^(?:secure_link_secret|secure_link_md5|proxy_set_header|fastcgi_param|uwsgi_param|scgi_param|grpc_set_header|proxy_ssl_password_file|set|add_header|auth_jwt_key)$/;
const SECRET_NAME = /(?:authorization|secret|token|passw|api[-_]?key|credential|cookie)/i;

/** A directive as one line: `deny all;`, or `location ^~ /private {` for a block. */
export function textOf(directive: Directive): string {
  const [name, ...args] = directive.words.map((word) => word.raw.replace(/\s+/g, ' '));
  const shown = isSecretive(directive) ? ['[redacted]'] : args;
  return [name ?? directive.name, ...shown].join(' ') + (directive.block === null ? ';' : ' {');
}

function isSecretive(directive: Directive): boolean {
  if (!SECRETIVE.test(directive.name)) return false;
  if (directive.name.startsWith('secure_link')) return true;
  return directive.args.some((arg) => SECRET_NAME.test(arg));
}

/** Quotes a directive at its place as operator's evidence. */
export function quote(directive: Directive, says: string): Evidence {
  return {
    kind: 'config',
    file: directive.place.file,
    line: directive.place.line,
    column: directive.place.column,
    text: textOf(directive),
    says,
    audience: 'operator',
  };
}

/** `/etc/nginx/nginx.conf:12`, for use inside sentences. */
export function placeOf(directive: Directive): string {
  return `${directive.place.file}:${directive.place.line}`;
}
