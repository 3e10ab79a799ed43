/** Error pages that web servers and proxies write themselves: behind such a page stands another server and no application. */
const PAGES: readonly (readonly [name: string, page: RegExp])[] = [
  ['nginx', /<hr><center>(?:nginx|openresty|tengine|angie|freenginx)(?:\/[\d.]+)?<\/center>/i],
  // httpd's http_protocol.c; the signature line below it can be turned off.
  ['Apache', /<p>You don't have permission to access this resource\.|<address>Apache[^<]*<\/address>/i],
  ['HAProxy', /<h1>403 Forbidden<\/h1>\s*Request forbidden by administrative rules\./i],
  ['Envoy', /^RBAC: access denied$/],
];

/** Whose stock page a body is; null for any other. */
export function serverBehind(excerpt: string | null): string | null {
  if (excerpt === null) return null;
  return PAGES.find(([, page]) => page.test(excerpt.trim()))?.[0] ?? null;
}
