import { PROTOCOLS, type Protocol } from '../stubs.ts';
import { block, type Statement, simple, walkStatements } from './statement.ts';

/** By the name of the socket: `scgi403.sock`. */
export type StubSpecs = Readonly<Record<string, { readonly protocol: Protocol; readonly status: number }>>;

/** Sockets that a configuration names, each once, as `[protocol, status]`. */
function sockets(http: readonly Statement[]): readonly (readonly [protocol: string, status: number])[] {
  const found = new Map<string, readonly [string, number]>();
  walkStatements(http, ({ words }) => {
    for (const word of words) {
      const [name, protocol, status] = /([a-z]+)(\d+)\.sock/.exec(word) ?? [];
      if (name !== undefined && protocol !== undefined) found.set(name, [protocol, Number(status)]);
    }
  });
  return [...found.values()];
}

/** Servers that the lab puts behind nginx. */
export function stubSpecs(http: readonly Statement[]): StubSpecs {
  const specs: Record<string, { protocol: Protocol; status: number }> = {};
  for (const [name, status] of sockets(http)) {
    const protocol = PROTOCOLS.find((one) => one === name);
    if (protocol !== undefined) specs[`${name}${status}.sock`] = { protocol, status };
  }
  return specs;
}

/** A server that nobody asks: its `set` makes `$flag` known everywhere, unset where no other `set` was passed. */
export const DECLARING: readonly Statement[] = [
  block('server', [], [simple('listen', 'unix:@dir@/flag.sock'), simple('set', '$flag', '1')]),
];

/** With WebDAV a request changes the disk. */
export function isSequential(http: readonly Statement[]): boolean {
  let is = false;
  walkStatements(http, ({ name, words }) => {
    if (name === 'dav_methods' && words[0] !== 'off') is = true;
  });
  return is;
}
