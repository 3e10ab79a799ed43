/**
 * RFC 3986 §5.2.4 on a path that begins with a slash, as curl does by default. `%2e` is left as written:
 * it is the server's to decode.
 */
export function removeDotSegments(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  segments.forEach((segment, index) => {
    const isLast = index === segments.length - 1;
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
    // a path that ends in a dot segment keeps its slash: /a/.. is /
    if (isLast && (segment === '.' || segment === '..')) kept.push('');
  });
  return `/${kept.join('/')}`;
}
