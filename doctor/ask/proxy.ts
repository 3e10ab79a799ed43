import type { Proxy } from '@why403/client';
import { contains, parseAddress, parseNetwork } from '@why403/terms/address';
import { isFault } from '@why403/terms/fault';
import { parseUri, type Uri } from '@why403/terms/uri';
import { base64 } from './bytes.ts';
import { badValue, type Draft } from './draft.ts';
import type { AskPorts } from './ports.ts';

function isLoopback(hostname: string): boolean {
  const lower = hostname.toLowerCase();
  return lower === 'localhost' || lower.endsWith('.localhost') || lower.startsWith('127.') || lower === '::1';
}

/** Whether a host is on a no_proxy list: names with their subdomains, addresses, networks, or `*`. */
export function isExempt(hostname: string, list: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  const address = parseAddress(host);
  return list
    .toLowerCase()
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      if (address !== null) {
        const network = parseNetwork(entry.replace(/^\[|\]$/g, ''));
        return network !== null && contains(network, address);
      }
      const bare = entry.replace(/^\./, '').replace(/\.$/, '');
      return host === bare || host.endsWith(`.${bare}`);
    });
}

function fromEnvironment(uri: Uri, environment: AskPorts['environment']): { readonly text: string; readonly from: string } | null {
  // curl reads http_proxy in lower case only: a CGI program's HTTP_PROXY is the client's Proxy header (httpoxy)
  const names = uri.scheme === 'http' ? ['http_proxy', 'all_proxy', 'ALL_PROXY'] : ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'];
  const from = names.find((name) => (environment[name] ?? '') !== '');
  const text = from === undefined ? undefined : environment[from];
  return from === undefined || text === undefined ? null : { text, from };
}

/** The proxy that curl would use, or null. One from the environment is not used for this machine's own loopback. */
export function chooseProxy(draft: Draft, uri: Uri, ports: AskPorts, notes: string[]): Proxy | null {
  const given = draft.last('--proxy');
  if (given === '') return null;
  const chosen = given === null ? fromEnvironment(uri, ports.environment) : { text: given, from: '--proxy' };
  if (chosen === null) return null;
  const exempt = draft.last('--noproxy') ?? ports.environment['no_proxy'] ?? ports.environment['NO_PROXY'] ?? '';
  if (isExempt(uri.hostname, exempt)) return null;
  if (given === null && isLoopback(uri.hostname)) {
    notes.push(
      `The proxy of ${chosen.from} was not used: no other machine reaches this one's loopback address. Curl would ask the proxy, unless no_proxy lists it.`,
    );
    return null;
  }
  const scheme = /^([a-z0-9]+):\/\//i.exec(chosen.text)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https')
    throw badValue('--proxy', `A ${scheme} proxy is not supported.`, 'why403 goes through http and https proxies.');
  const proxy = parseUri(chosen.text, { toAscii: ports.toAscii, dotSegments: 'remove' });
  if (isFault(proxy)) throw badValue('--proxy', `The proxy of ${chosen.from} can not be read: ${proxy.message}`);
  const login = draft.last('--proxy-user') ?? (proxy.userinfo === null ? null : `${proxy.userinfo.user}:${proxy.userinfo.password}`);
  if (given === null) notes.push(`The request goes through the proxy that ${chosen.from} names, as curl's would.`);
  // curl's own port for proxies is 1080, whatever the scheme (443 for https)
  const hasPort = /:[0-9]+\/?$/.test(chosen.text);
  return {
    scheme: proxy.scheme,
    hostname: proxy.hostname,
    port: hasPort || proxy.scheme === 'https' ? proxy.port : 1080,
    authorization: login === null ? null : `Basic ${base64(login)}`,
    isTunnel: uri.scheme === 'https' || draft.has('--proxytunnel'),
    from: chosen.from,
  };
}

/** The same proxy for the URL that a redirect leads to: https always goes through a tunnel. */
export function chooseProxyAgain(proxy: Proxy | null, uri: Uri): Proxy | null {
  return proxy === null ? null : { ...proxy, isTunnel: proxy.isTunnel || uri.scheme === 'https' };
}
