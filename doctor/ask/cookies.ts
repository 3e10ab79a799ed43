import type { Uri } from '@why403/terms/uri';

import type { AskPorts } from './ports.ts';

function fitsDomain(hostname: string, domain: string, hasSubdomains: boolean): boolean {
  const host = hostname.toLowerCase();
  const bare = domain.toLowerCase().replace(/^\./, '');
  return host === bare || (hasSubdomains && host.endsWith(`.${bare}`));
}

/** RFC 6265 §5.1.4. */
function fitsPath(path: string, cookiePath: string): boolean {
  return path === cookiePath || (path.startsWith(cookiePath) && (cookiePath.endsWith('/') || path[cookiePath.length] === '/'));
}

/** The cookies of a Netscape cookie file (seven fields with tabs) that curl would send for this URL. */
function readCookieFile(text: string, uri: Uri, now: number): readonly string[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const fields = line.replace(/^#HttpOnly_/, '').split('\t');
    const [domain, subdomains, path, secure, expires, name, value] = fields;
    if (domain === undefined || domain.startsWith('#') || name === undefined || value === undefined || path === undefined) return [];
    const isDue = expires === '0' || Number(expires) * 1000 > now;
    const fits =
      fitsDomain(uri.hostname, domain, subdomains === 'TRUE') && fitsPath(uri.path, path) && (secure !== 'TRUE' || uri.scheme === 'https');
    return isDue && fits ? [`${name}=${value}`] : [];
  });
}

/** The value of Cookie for all `-b` flags, or null. What holds an equals sign is cookies, anything else a file. */
export function readCookies(values: readonly string[], uri: Uri, ports: AskPorts): string | null {
  const fromFiles: string[] = [];
  const direct: string[] = [];
  for (const value of values) {
    if (value.includes('=')) direct.push(value);
    else if (value !== '') fromFiles.push(...readCookieFile(new TextDecoder().decode(ports.read(value)), uri, ports.now()));
  }
  // curl writes the cookies of its store first, and joins several -b without a space
  const parts = [fromFiles.join('; '), direct.join(';')].filter((part) => part !== '');
  return parts.length === 0 ? null : parts.join('; ');
}
