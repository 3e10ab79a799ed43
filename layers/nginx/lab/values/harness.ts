import { createHash } from 'node:crypto';
import type { Headers } from '@why403/terms/request';
import { treeOf } from '@why403/filesystem';
import { assemble, type Configuration, type Directive, parse } from '../../model/syntax/index.ts';
import type { World } from '../../model/trace.ts';
import { define, type Definitions } from '../../model/values/define.ts';
import { compileRealip, resolveClient } from '../../model/values/realip.ts';
import { compileScript, type Outcome, run } from '../../model/values/script.ts';
import { createState, missing, type State } from '../../model/values/state.ts';
import { pathOf, unparsedUri } from '../../model/values/target.ts';
import type { Lab } from '../server.ts';

/** What is sent to the real server and the model alike. */
export interface Sent {
  readonly target: string;
  readonly from?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A model that knows one server with nothing but a script: all that values need. */
export interface Bench {
  readonly definitions: Definitions;
  readonly server: Directive;
  readonly configuration: Configuration;
}

export function benchOf(lab: Lab): Bench {
  const parsed = parse(lab.config, lab.configPath, { encoding: 'latin1' });
  if ('error' in parsed) throw new Error(parsed.error.message);
  const assembled = assemble(lab.configPath, lab.directory, new Map([[lab.configPath, parsed.ok]]), () => ({ paths: [] }));
  if ('error' in assembled) throw new Error(assembled.error.message);
  const configuration = assembled.ok;
  const server = configuration.directives.find(({ name }) => name === 'http')?.block?.find(({ name }) => name === 'server');
  if (server === undefined) throw new Error('the lab has a server');
  return { definitions: define(configuration), server, configuration };
}

export const WORLD: World = {
  tree: treeOf({}),
  worker: { user: 'www-data', uid: 33, gid: 33, groups: [33] },
  verifyPassword: () => null,
  md5: (text) => createHash('md5').update(text, 'latin1').digest('base64url'),
  upstream: () => null,
  authRequest: () => null,
  modules: null,
};

/** The fields that a lab's `get` sends, without those that nginx drops for their name. */
function headersOf(sent: Sent): Headers {
  return Object.entries({ Host: 'localhost', Connection: 'close', ...sent.headers }).filter(([name]) => /^[A-Za-z0-9-]+$/.test(name));
}

export function stateOf({ definitions, server }: Bench, port: number, sent: Sent, time = Date.now() / 1000): State {
  const path = pathOf(sent.target).replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const uri = unparsedUri(sent.target);
  const question = uri.indexOf('?');
  return createState({
    request: {
      method: sent.method ?? 'GET',
      target: sent.target,
      httpVersion: '1.1',
      headers: headersOf(sent),
      peer: { address: sent.from ?? '127.0.0.1', port: null },
      local: { address: '127.0.0.1', port },
      tls: null,
      time,
    },
    world: WORLD,
    definitions,
    uri: path,
    args: question < 0 ? '' : uri.slice(question + 1),
    server,
    host: (/^http:\/\/([^/]+)/.exec(sent.target)?.[1] ?? sent.headers?.['Host'] ?? 'localhost').toLowerCase().replace(/:\d+$/, ''),
    documentRoot: () => missing('no root here'),
    realpathRoot: () => missing('no root here'),
    filename: () => missing('no root here'),
  });
}

/** Runs the server's own script after realip. */
export function predict(bench: Bench, state: State): Outcome {
  resolveClient(compileRealip(bench.server), state);
  return run(compileScript(bench.server.block ?? [], 'server', bench.definitions), state);
}

/** The one line that both sides are compared by. */
export function summary(outcome: Outcome): string | null {
  if (outcome.kind === 'failed') return '500';
  if (outcome.kind !== 'answered') return null;
  const { answer } = outcome;
  const text = answer.location ?? answer.body;
  return text === null ? String(answer.status) : `${answer.status} ${text}`;
}
