import { identityOf, treeOf, type TreeSpec, USUAL_ACCOUNTS } from '@why403/filesystem';
import { compile } from './compile.ts';
import { type Onion, onion } from './onion.ts';
import { assemble, parse } from './syntax/index.ts';
import type { ModelRequest, Walk, World } from './trace.ts';
import { walk } from './walk.ts';

/** For tests: a request to the site, `GET / HTTP/1.1` from 192.0.2.9 unless told otherwise. */
export type Asked = Partial<ModelRequest> & { readonly host?: string; readonly from?: string; readonly port?: number };

/** For tests: a configuration's `http` block over a jotted file tree. */
export interface Site {
  walk(asked?: Asked, lift?: ReadonlySet<string>): Walk;
  onion(asked?: Asked): Onion;
  /** The status alone; null when it can't be told. */
  status(target: string, asked?: Asked): number | null;
}

const MAIN = '/etc/nginx/nginx.conf';

export function site(http: string, spec: TreeSpec = {}, known: Partial<World> = {}): Site {
  const parsed = parse(`events {} http { ${http} }`, MAIN);
  if ('error' in parsed) throw new Error(parsed.error.message);
  const assembled = assemble(MAIN, '/etc/nginx/', new Map([[MAIN, parsed.ok]]), () => ({ paths: [] }));
  if ('error' in assembled) throw new Error(assembled.error.message);
  const plan = compile(assembled.ok, { user: 'www-data' });
  const worker = identityOf(USUAL_ACCOUNTS, 'www-data');
  if (worker === null) throw new Error('www-data is a usual account');
  const world: World = {
    tree: treeOf(spec),
    worker,
    verifyPassword: (stored, password) => stored === password,
    md5: () => null,
    upstream: () => null,
    authRequest: () => null,
    modules: null,
    isAlone: true,
    ...known,
  };
  const requestOf = ({ host = 'example.com', from = '192.0.2.9', port = 80, headers = [], ...asked }: Asked): ModelRequest => ({
    method: 'GET',
    target: '/',
    httpVersion: '1.1',
    headers: [['Host', host], ...headers],
    peer: { address: from, port: 40_000 },
    local: { address: '198.51.100.1', port },
    tls: null,
    time: 1_700_000_000,
    ...asked,
  });
  return {
    walk: (asked = {}, lift) => walk(plan, requestOf(asked), world, lift),
    onion: (asked = {}) => onion(plan, requestOf(asked), world),
    status: (target, asked = {}) => {
      const { answer } = walk(plan, requestOf({ ...asked, target }), world);
      return answer.state === 'answered' ? answer.status : null;
    },
  };
}

/** The directive of the check that decided, as written. */
export function deciding({ checks, answer }: Walk): string {
  const directive = checks[answer.by]?.directive ?? null;
  return directive === null ? '' : [directive.name, ...directive.args].join(' ');
}
