import { lookup, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Override } from '@why403/client';
import { overrideFor } from '@why403/client';
import { isOwnAddress, type InterfaceAddress } from '../model/own-addresses.ts';
import type { Resolution, ResolutionSource, Resolved } from '../model/resolution.ts';

export interface ResolveWishes {
  /** `--resolve`. */
  readonly overrides?: readonly Override[];
  /** `-4`, `-6`; null for both. */
  readonly family?: 4 | 6 | null;
  /** Milliseconds. */
  readonly timeout?: number;
  /** getaddrinfo(3), for tests. */
  readonly lookup?: (hostname: string, family: 0 | 4 | 6) => Promise<readonly LookupAddress[]>;
  readonly interfaces?: () => readonly InterfaceAddress[];
}

/** All addresses of this machine's interfaces. */
export function ownInterfaces(): readonly InterfaceAddress[] {
  return Object.values(networkInterfaces()).flatMap((list) => list ?? []);
}

function systemLookup(hostname: string, family: 0 | 4 | 6): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    // verbatim: RFC 6724's order, as every other program of this machine gets it
    lookup(hostname, { all: true, order: 'verbatim', family }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}

/** getaddrinfo can't be interrupted: its answer is then simply no longer waited for. */
function within<T>(work: Promise<T>, timeout: number): Promise<T | 'timeout'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(() => resolve('timeout'), timeout);
    timer.unref();
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function asFamily(address: string): Resolved {
  return { address, family: isIP(address.replace(/%.*$/, '')) === 6 ? 6 : 4 };
}

function found(source: ResolutionSource, all: readonly Resolved[], wishes: ResolveWishes): Resolution {
  const family = wishes.family ?? null;
  const [first, ...rest] = family === null ? all : all.filter((one) => one.family === family);
  if (first === undefined) {
    const has = family === 6 ? 'IPv4' : 'IPv6';
    return {
      state: 'failed',
      kind: 'no-address',
      says: `The name leads to ${has} addresses only, and IPv${family ?? 4} was asked for.`,
      hint: null,
      code: null,
    };
  }
  const interfaces = (wishes.interfaces ?? ownInterfaces)();
  const own = [first, ...rest].map((one) => isOwnAddress(one.address, interfaces));
  return { state: 'resolved', source, addresses: [first, ...rest], isHere: own[0] ?? false, isMixed: new Set(own).size > 1 };
}

function failed(code: string, hostname: string, family: 4 | 6 | null): Resolution {
  const kind = family === null ? '' : ` of IPv${family}`;
  switch (code) {
    case 'ENOTFOUND':
    case 'ENODATA':
      return family === null
        ? {
            state: 'failed',
            kind: 'no-name',
            says: `The name ${hostname} does not resolve: it does not exist, or has no address.`,
            hint: 'Is it spelled right? --resolve HOST:PORT:ADDRESS asks a server before its name exists.',
            code,
          }
        : { state: 'failed', kind: 'no-address', says: `The name ${hostname} has no address${kind}.`, hint: null, code };
    case 'EAI_AGAIN':
    case 'ESERVFAIL':
    case 'EREFUSED':
      return {
        state: 'failed',
        kind: 'temporary',
        says: `The resolver could not tell where ${hostname} leads.`,
        hint: 'Does this machine reach its name servers (/etc/resolv.conf)?',
        code,
      };
    default:
      return { state: 'failed', kind: 'invalid', says: `The name ${hostname} could not be looked up (${code}).`, hint: null, code };
  }
}

/** RFC 6761 §6.3: localhost and names below it are loopback; curl does the same. */
function isLocalhost(hostname: string): boolean {
  const lower = hostname.toLowerCase().replace(/\.$/, '');
  return lower === 'localhost' || lower.endsWith('.localhost');
}

async function look(hostname: string, wishes: ResolveWishes): Promise<Resolution> {
  const family = wishes.family ?? null;
  const timeout = wishes.timeout ?? 5_000;
  try {
    const addresses = await within((wishes.lookup ?? systemLookup)(hostname, family ?? 0), timeout);
    if (addresses === 'timeout') {
      const says = `The resolver did not tell in time where ${hostname} leads.`;
      return { state: 'failed', kind: 'timeout', says, hint: 'Does this machine reach its name servers (/etc/resolv.conf)?', code: null };
    }
    const distinct = [...new Set(addresses.map((one) => one.address))].map(asFamily);
    return distinct.length === 0 ? failed('ENODATA', hostname, family) : found('system', distinct, wishes);
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown reason';
    return failed(code, hostname, family);
  }
}

/**
 * Where a host and port lead, in the order in which the system would try the addresses: `--resolve`
 * first, then the host itself when it is an address, then localhost's own rule, then getaddrinfo(3).
 */
export async function resolveHost(hostname: string, port: number, wishes: ResolveWishes = {}): Promise<Resolution> {
  const override = overrideFor(wishes.overrides ?? [], hostname, port);
  if (override !== null) return found('override', override.map(asFamily), wishes);
  if (isIP(hostname.replace(/%.*$/, '')) !== 0) {
    const literal = found('literal', [asFamily(hostname)], wishes);
    if (literal.state === 'resolved') return literal;
    return { ...literal, says: `${hostname} is not of the family that was asked for.` };
  }
  const looked = await look(hostname, wishes);
  if (looked.state === 'failed' && isLocalhost(hostname)) return found('localhost', ['127.0.0.1', '::1'].map(asFamily), wishes);
  return looked;
}
