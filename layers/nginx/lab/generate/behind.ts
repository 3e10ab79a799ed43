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

/** What the lab itself must answer for, since nginx doesn't speak these protocols from the other end. */
export function stubSpecs(http: readonly Statement[]): StubSpecs {
  const specs: Record<string, { protocol: Protocol; status: number }> = {};
  for (const [name, status] of sockets(http)) {
    const protocol = PROTOCOLS.find((one) => one === name);
    if (protocol !== undefined) specs[`${name}${status}.sock`] = { protocol, status };
  }
  return specs;
}

/**
 * What is behind `proxy_pass` and `grpc_pass`: servers on Unix sockets that answer the status in their name, whatever
 * they are asked. The last one isn't asked: its `set` makes `$flag` known everywhere, unset where no other `set`
 * was passed.
 */
export function nginxStubs(http: readonly Statement[]): readonly Statement[] {
  const stubs = sockets(http).flatMap(([protocol, status]) => {
    if (protocol !== 'stub' && protocol !== 'grpc') return [];
    const answer = status === 302 ? ['http://example.org/behind'] : status === 204 ? [] : ['"behind"'];
    const listen = simple('listen', `unix:@dir@/${protocol}${status}.sock`, ...(protocol === 'grpc' ? ['http2'] : []));
    return [block('server', [], [listen, ...NEUTRAL, simple('return', status, ...answer)])];
  });
  return [...stubs, block('server', [], [simple('listen', 'unix:@dir@/flag.sock'), simple('set', '$flag', '1')])];
}

/** What a stub sets itself lest it inherit it: an error_page (for a status that never comes), buffers. */
const NEUTRAL: readonly Statement[] = [
  simple('error_page', '599', '/never'),
  simple('large_client_header_buffers', '4 8k'),
  simple('client_header_buffer_size', '4k'),
  simple('client_max_body_size', '0'),
];

/** With WebDAV a request changes the disk. */
export function isSequential(http: readonly Statement[]): boolean {
  let is = false;
  walkStatements(http, ({ name, words }) => {
    if (name === 'dav_methods' && words[0] !== 'off') is = true;
  });
  return is;
}
