import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { md5Base64Url, verifyPassword } from '../../collect/passwords.ts';
import { compile, walk } from '../../model/index.ts';
import { assemble, parse } from '../../model/syntax/index.ts';
import type { Directive } from '../../model/syntax/ast.ts';
import type { Plan, Walk, World } from '../../model/trace.ts';
import type { RequestSpec } from '../generate/requests.ts';
import { PASSWORD, PASSWORD_LINES } from '../generate/vocabulary.ts';
import type { Lab } from '../server.ts';
import { diskTree } from '../tree.ts';

/** What the model makes of a lab's configuration. It throws where nginx would not start. */
export function planOf(config: string, configPath: string, directory: string): Plan {
  const parsed = parse(config, configPath);
  if ('error' in parsed) throw new Error(`the parser refuses it: ${parsed.error.message} at line ${parsed.error.place.line}`);
  const prefix = `${directory}/`;
  const assembled = assemble(configPath, prefix, new Map([[configPath, parsed.ok]]), (pattern) => ({ paths: [resolve(prefix, pattern)] }));
  if ('error' in assembled) throw new Error(`the files don't fit together: ${assembled.error.message}`);
  return compile(assembled.ok, { modules: new Set(), user: null });
}

/** What nginx says of the certificate, when it asks for one. */
const VERIFIED = { none: 'NONE', good: 'SUCCESS', foreign: 'FAILED:unable to verify the first certificate' } as const;

/** The model's walk of one request, told everything that the lab knows of the world around it. */
export function walkOf(plan: Plan, lab: Lab, world: World, request: RequestSpec): Walk {
  return walk(
    plan,
    {
      method: request.method,
      target: request.target,
      httpVersion: request.version,
      headers: request.headers,
      peer: { address: request.from, port: null },
      local: request.to.startsWith('unix:')
        ? { address: request.to.replace('unix:', `unix:${lab.directory}/`), port: 0 }
        : { address: request.to, port: lab.port(request.port) },
      tls: request.tls === null ? null : { serverName: request.tls.serverName, clientVerify: VERIFIED[request.tls.certificate] },
      time: Math.floor(Date.now() / 1000),
    },
    world,
  );
}

export function worldOf(lab: Lab): World {
  return {
    tree: diskTree(),
    worker: lab.identity,
    verifyPassword: fits,
    md5: md5Base64Url,
    upstream: (directive) => stubBehind(directive, lab.directory),
    reaches: (directive) => stubBehind(directive, lab.directory) !== null,
    authRequest: () => null,
    modules: new Set(),
    isAlone: true,
  };
}

/** Forms that only the system's crypt(3) knows are told from the generator's own: all are of the same password. */
function fits(stored: string, password: string): boolean | null {
  const isOurs = Object.values<string>(PASSWORD_LINES).includes(stored);
  return verifyPassword(stored, password) ?? (isOurs ? password === PASSWORD : null);
}

/** What is behind a directive: a stub that answers the status in its name, or nothing that nginx understands. */
function stubBehind(directive: Directive, directory: string): number | null {
  const text = directive.args.join(' ');
  const [, socket, status] = /([a-z]+(\d+)\.sock)/.exec(text) ?? [];
  if (socket !== undefined) return existsSync(`${directory}/${socket}`) && !socket.startsWith('memcached502') ? Number(status) : null;
  const group = /\/group(\d+)/.exec(text)?.[1];
  return group === undefined ? null : Number(group);
}
