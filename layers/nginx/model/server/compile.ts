import type { Facts } from '../trace.ts';
import type { Directive } from '../syntax/ast.ts';
import type { Definitions } from '../values/define.ts';
import { lowerCase, toBytes } from '../values/bytes.ts';
import { compileServerScope, type Workshop } from '../location/compile.ts';
import type { Scope } from '../location/scope.ts';
import { groupByName, lastOf } from '../settings/reading.ts';
import type { Settings } from '../settings/settings.ts';
import { sizeOf } from '../settings/read.ts';
import { compilePattern, type Pattern } from '../values/pattern.ts';
import { whenAsked } from '../when-asked.ts';
import type { BufferSizes } from '../accept/buffers.ts';
import { defaultListen, type Listen, parseListen } from './listen.ts';
import { arrangeNames, type NameOf, type Names } from './names.ts';

/** One server block with everything settled that doesn't depend on a request. */
export interface Server {
  readonly directive: Directive;
  readonly scope: Scope;
  readonly named: ReadonlyMap<string, Scope>;
  readonly listens: readonly Listen[];
  /** Listens on a host name: which address it means is not known. */
  readonly unresolved: readonly Directive[];
  readonly names: readonly NameOf<Server>[];
  readonly parsing: Parsing;
  readonly tls: {
    readonly isOn: boolean;
    readonly verify: 'off' | 'on' | 'optional' | 'optional_no_ca';
    readonly verifyDirective: Directive | null;
    readonly rejects: Directive | null;
  };
}

/** How the request's first lines are read. */
export interface Parsing {
  readonly isMergingSlashes: boolean;
  readonly isIgnoringInvalidHeaders: boolean;
  readonly hasUnderscores: boolean;
  readonly buffers: BufferSizes;
}

/** All servers that listen on one address and port. */
export interface Group {
  readonly listen: Listen;
  readonly isSsl: boolean;
  readonly hasProxyProtocol: boolean;
  readonly hasHttp2: boolean;
  readonly defaultServer: Server;
  readonly servers: readonly Server[];
  readonly names: Names<Server>;
  /** Whether nginx looks names up at all. */
  readonly hasNames: boolean;
}

export function compileServer(shop: Workshop, server: Directive, http: Directive, parent: Settings, facts: Facts): Server {
  const groups = groupByName(server.block ?? []);
  const outer = groupByName(http.block ?? []);
  const setting = (name: string) => lastOf(groups, name) ?? lastOf(outer, name);
  const written = groups.get('listen') ?? [];
  const parsed = written.map((directive) => ({ directive, listens: parseListen(directive, facts.hosts) }));
  const verify = setting('ssl_verify_client');
  const rejects = setting('ssl_reject_handshake');
  const inside = whenAsked(() => compileServerScope(shop, server, parent));
  const compiled: Server = {
    directive: server,
    get scope() {
      return inside().scope;
    },
    get named() {
      return inside().named;
    },
    listens: written.length === 0 ? [defaultListen(facts.isMasterRoot !== false)] : parsed.flatMap(({ listens }) => listens ?? []),
    unresolved: parsed.flatMap(({ directive, listens }) => (listens === null ? [directive] : [])),
    names: [],
    parsing: {
      isMergingSlashes: setting('merge_slashes')?.args[0] !== 'off',
      isIgnoringInvalidHeaders: setting('ignore_invalid_headers')?.args[0] !== 'off',
      hasUnderscores: setting('underscores_in_headers')?.args[0] === 'on',
      buffers: {
        first: sizeOf(setting('client_header_buffer_size')?.args[0] ?? '1k'),
        large: sizeOf(setting('large_client_header_buffers')?.args[1] ?? '8k'),
        count: Number(setting('large_client_header_buffers')?.args[0] ?? '4'),
      },
    },
    tls: {
      isOn: setting('ssl')?.args[0] === 'on',
      verify: verifyMode(verify?.args[0]),
      verifyDirective: verify,
      rejects: rejects?.args[0] === 'on' ? rejects : null,
    },
  };
  return Object.assign(compiled, { names: namesOf(shop.definitions, groups.get('server_name') ?? [], compiled, facts) });
}

function verifyMode(text: string | undefined): Server['tls']['verify'] {
  return text === 'on' || text === 'optional' || text === 'optional_no_ca' ? text : 'off';
}

function namesOf(definitions: Definitions, directives: readonly Directive[], server: Server, facts: Facts): readonly NameOf<Server>[] {
  const names = directives.flatMap((directive) => {
    const encoding = definitions.encodingOf(directive);
    return directive.args.map((arg): NameOf<Server> => {
      if (!arg.startsWith('~')) {
        if (arg.toLowerCase() !== '$hostname') return { text: lowerCase(toBytes(arg, encoding)), pattern: null, server };
        const { hostname = null } = facts;
        return hostname === null ? { text: null, pattern: null, server } : { text: lowerCase(hostname), pattern: null, server };
      }
      // A pattern with any capital letter is matched without case, because hosts are lower-cased.
      return { text: arg, pattern: compilePattern(arg.slice(1), { caseless: /[A-Z]/.test(arg), encoding }), server };
    });
  });
  return names.length > 0 ? names : [{ text: '', pattern: null, server }];
}

/** Servers by the address they listen on, in file order, as ngx_http_add_listen collects them. */
export function groupServers(servers: readonly Server[]): readonly Group[] {
  const byAddress = new Map<string, { listen: Listen; server: Server }[]>();
  for (const server of servers) {
    for (const listen of server.listens) {
      const key = `${listen.family} ${listen.address} ${listen.port}`;
      const members = byAddress.get(key) ?? [];
      byAddress.set(key, members);
      members.push({ listen, server });
    }
  }
  return [...byAddress.values()].flatMap((members) => {
    const first = members[0];
    if (first === undefined) return [];
    const chosen = members.find(({ listen }) => listen.isDefault) ?? first;
    return [
      {
        listen: members.find(({ listen }) => listen.isDualStack)?.listen ?? chosen.listen,
        isSsl: members.some(({ listen }) => listen.isSsl),
        hasProxyProtocol: members.some(({ listen }) => listen.hasProxyProtocol),
        hasHttp2: members.some(({ listen }) => listen.hasHttp2),
        defaultServer: chosen.server,
        servers: members.map(({ server }) => server),
        names: arrangeNames(members.flatMap(({ server }) => server.names)),
        // ngx_http_optimize_servers: a lone server without groups in its last pattern has no table of names.
        hasNames: members.length > 1 || hasGroups(chosen.server.names.findLast(({ pattern }) => pattern !== null)?.pattern ?? null),
      },
    ];
  });
}

function hasGroups(pattern: Pattern | null): boolean {
  if (pattern === null) return false;
  return pattern.state !== 'ready' || pattern.groups > 0;
}
