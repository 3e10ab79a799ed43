import { parseAddress } from '@why403/terms/address';
import type { Directive } from '../syntax/ast.ts';

/** Where one `listen` binds, and how. */
export interface Listen {
  readonly directive: Directive | null;
  readonly family: 'v4' | 'v6' | 'unix';
  /** The address in its shortest spelling, `*` for any, or a Unix socket's path. */
  readonly address: string;
  readonly port: number;
  readonly isDefault: boolean;
  readonly isSsl: boolean;
  readonly hasProxyProtocol: boolean;
  readonly hasHttp2: boolean;
  /** `ipv6only=off`: takes IPv4 connections on an IPv6 wildcard too. */
  readonly isDualStack: boolean;
}

/** Without any `listen`: port 80, or 8000 when nginx isn't started by root (ngx_http_core_server). */
export function defaultListen(isRoot: boolean): Listen {
  return {
    directive: null,
    family: 'v4',
    address: '*',
    port: isRoot ? 80 : 8000,
    isDefault: false,
    isSsl: false,
    hasProxyProtocol: false,
    hasHttp2: false,
    isDualStack: false,
  };
}

const LOOPBACK: readonly string[] = ['127.0.0.1'];

/** ngx_parse_url as `listen` uses it; one of several addresses for a host name. Null: a name that only a resolver knows. */
export function parseListen(directive: Directive, hosts: ReadonlyMap<string, readonly string[]> = new Map()): readonly Listen[] | null {
  const [target = '', ...options] = directive.args;
  const shared = {
    directive,
    isDefault: options.includes('default_server') || options.includes('default'),
    isSsl: options.includes('ssl'),
    hasProxyProtocol: options.includes('proxy_protocol'),
    hasHttp2: options.includes('http2'),
    isDualStack: options.includes('ipv6only=off'),
  };
  if (target.toLowerCase().startsWith('unix:')) return [{ ...shared, family: 'unix', address: target.slice('unix:'.length), port: 0 }];
  const { host, port } = split(target);
  if (host === '*') return [{ ...shared, family: 'v4', address: '*', port }];
  const literal = parseAddress(host);
  const texts = literal !== null ? [host] : (hosts.get(host.toLowerCase()) ?? (host.toLowerCase() === 'localhost' ? LOOPBACK : null));
  if (texts === null) return null;
  return texts.flatMap((text) => {
    const address = parseAddress(text);
    if (address === null || address.family === 'unix') return [];
    return [
      { ...shared, family: address.family, address: address.bytes.every((byte) => byte === 0) ? '*' : bytesKey(address.bytes), port },
    ];
  });
}

/** `host:port`, `[v6]:port`, `port` or `host`; the port is 80 unless told. */
function split(target: string): { readonly host: string; readonly port: number } {
  if (/^\d+$/.test(target)) return { host: '*', port: Number(target) };
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(target) ?? [];
  return { host: bracketed ?? plain ?? target, port: port === undefined ? 80 : Number(port) };
}

/** The port of a `listen` on a host name. */
export function portOf(directive: Directive): number {
  return split(directive.args[0] ?? '').port;
}

/** The key of an address among the listens of one port. */
export function bytesKey(bytes: readonly number[]): string {
  return bytes.join('.');
}
