import { treeOf, type TreeSpec } from '@why403/filesystem';
import type { ModelRequest, World } from '../trace.ts';
import { assemble, type Configuration, type Directive, parse } from '../syntax/index.ts';
import { define } from './define.ts';
import { compileScript, type Outcome, run } from './script.ts';
import { createState, missing, type State } from './state.ts';

/** For tests: one server from the text of its block, and what stands beside it in `http`. */
export interface Fixture {
  readonly configuration: Configuration;
  readonly server: Directive;
  state(asked?: Partial<ModelRequest> & { readonly tree?: TreeSpec; readonly md5?: World['md5'] }): State;
  run(state: State): Outcome;
}

const PATH = '/etc/nginx/nginx.conf';

export function fixture(server: string, http = ''): Fixture {
  const parsed = parse(`http { ${http}\nserver { ${server} } }`, PATH);
  if ('error' in parsed) throw new Error(parsed.error.message);
  const assembled = assemble(PATH, '/etc/nginx/', new Map([[PATH, parsed.ok]]), (path) => ({ why: `${path} was not shown` }));
  if ('error' in assembled) throw new Error(assembled.error.message);
  const configuration = assembled.ok;
  const block = configuration.directives[0]?.block?.find(({ name }) => name === 'server');
  if (block === undefined) throw new Error('the server was just written');
  const definitions = define(configuration);
  return {
    configuration,
    server: block,
    state: ({ tree, md5, ...asked } = {}) => {
      const target = asked.target ?? '/';
      const [uri = '', args = ''] = target.split('?');
      const request: ModelRequest = {
        method: 'GET',
        target,
        httpVersion: '1.1',
        headers: [],
        peer: { address: '192.0.2.9', port: 40_000 },
        local: { address: '192.0.2.1', port: 80 },
        tls: null,
        time: 1_000_000,
        ...asked,
      };
      const world: World = {
        tree: treeOf(tree ?? {}, { world: 'open' }),
        worker: { user: 'www-data', uid: 33, gid: 33, groups: [33] },
        verifyPassword: () => null,
        md5: md5 ?? (() => null),
        upstream: () => null,
        authRequest: () => null,
        modules: null,
      };
      const nowhere = () => missing('where files are');
      return createState({
        request,
        world,
        definitions,
        uri: decodeURI(uri),
        args,
        server: block,
        host: 'a.test',
        documentRoot: nowhere,
        realpathRoot: nowhere,
        filename: nowhere,
      });
    },
    run: (state) => run(compileScript(block.block ?? [], 'server', definitions), state),
  };
}
