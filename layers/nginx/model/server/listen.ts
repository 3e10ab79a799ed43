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
  return { directive: null, family: 'v4', address: '*', port: isRoot ? 80 : 8000, isDefault: false, isSsl: false, hasProxyProtocol: false, hasHttp2: false, isDualStack: false };
}

/** ngx_parse_url as `listen` uses it. Null: a host name that only a resolver knows. */
export function parseListen(directive: Directive): Listen | null {
  const [target = '', ...options] = directive.args;
  const shared = {
    directive,
    isDefault: options.includes('default_server') || options.includes('default'),
    isSsl: options.includes('ssl'),
    hasProxyProtocol: options.includes('proxy_protocol'),
    hasHttp2: options.includes('http2'),
    isDualStack: options.includes('ipv6only=off'),
  };
  if (target.toLowerCase().startsWith('unix:')) return { ...shared, family: 'unix', address: target.slice('unix:'.length), port: 0 };
  if (target.startsWith('[')) {
    const [, inside = '', port] = /^\[([^\]]*)\](?::(\d+))?$/.exec(target) ?? [];
    const address = parseAddress(inside);
    if (address?.family !== 'v6') return null;
    const isAny = address.bytes.every((byte) => byte === 0);
    return { ...shared, family: 'v6', address: isAny ? '*' : bytesKey(address.bytes), port: port === undefined ? 80 : Number(port) };
  }
  if (/^\d+$/.test(target)) return { ...shared, family: 'v4', address: '*', port: Number(target) };
  const [, host = '', port] = /^([^:]*)(?::(\d+))?$/.exec(target) ?? [];
  const number = port === undefined ? 80 : Number(port);
  if (host === '*') return { ...shared, family: 'v4', address: '*', port: number };
  const address = parseAddress(host);
  if (address?.family !== 'v4') return null;
  const isAny = address.bytes.every((byte) => byte === 0);
  return { ...shared, family: 'v4', address: isAny ? '*' : bytesKey(address.bytes), port: number };
}

/** The key of an address among the listens of one port. */
export function bytesKey(bytes: readonly number[]): string {
  return bytes.join('.');
}
