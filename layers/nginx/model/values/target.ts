/** An absolute form's scheme and authority (RFC 9112, 3.2.2). */
const AUTHORITY = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/;

/** A request target without an absolute form's scheme and authority: what nginx calls the unparsed URI. */
export function unparsedUri(target: string): string {
  const rest = target.replace(AUTHORITY, '');
  return rest === target || rest.startsWith('/') ? rest : `/${rest}`;
}

/** The part of a target before its arguments. */
export function pathOf(target: string): string {
  const path = unparsedUri(target);
  const end = path.search(/[?#]/);
  return end < 0 ? path : path.slice(0, end);
}
