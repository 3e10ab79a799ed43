import type { Scope, Sprinkle } from './scope.ts';
import { block, type Statement, simple } from './statement.ts';
import { CODES } from './vocabulary.ts';

/** Other protocols to what is behind, each with its own directive to have its refusals replaced. */
function gateway({ random }: Scope): readonly Statement[] {
  const code = random.pick(CODES);
  const intercept = (family: string): readonly Statement[] => random.some([simple(`${family}_intercept_errors`, 'on')], 0.4);
  const family = random.pick(['fastcgi', 'scgi', 'uwsgi', 'grpc', 'memcached', 'upstream', 'dead']);
  if (family === 'memcached') {
    const key = random.some([simple('set', '$memcached_key', '$uri')], 0.85);
    return [...key, simple('memcached_pass', `unix:@dir@/memcached${random.pick([200, 404, 502])}.sock`)];
  }
  if (family === 'grpc') return [simple('grpc_pass', `grpc://unix:@dir@/grpc${code}.sock`), ...intercept('grpc')];
  if (family === 'upstream')
    return [simple('proxy_pass', `http://${random.pick(['group403', 'group200', 'group404'])}`), ...intercept('proxy')];
  if (family === 'dead') return [simple('proxy_pass', 'http://unix:@dir@/nobody.sock'), ...intercept('proxy')];
  return [simple(`${family}_pass`, `unix:@dir@/${family}${code}.sock`), ...intercept(family)];
}

/** Handlers that are content of their own. */
const handlers = ({ random, location }: Scope): readonly Statement[] =>
  location?.kind === '@' ? [] : [random.pick([simple('stub_status'), simple('empty_gif'), simple('flv'), simple('mp4')])];

const dav = ({ random }: Scope): readonly Statement[] => [
  simple(
    'dav_methods',
    ...random.pick([['off'], ['PUT'], ['DELETE'], ['PUT', 'DELETE', 'MKCOL', 'COPY', 'MOVE'], ['MKCOL', 'PUT'], ['COPY', 'MOVE']]),
  ),
  ...random.some([simple('create_full_put_path', 'on')], 0.3),
];

const compressed = ({ random }: Scope): readonly Statement[] => [
  simple('gzip_static', random.pick(['on', 'on', 'always', 'off'])),
  ...random.some(
    [
      simple('gzip_http_version', random.pick(['1.0', '1.1'])),
      simple('gzip_proxied', random.pick(['any', 'off', 'expired'])),
      simple('gzip_disable', '"curl"'),
      simple('gzip_vary', 'on'),
    ],
    0.25,
  ),
];

/** Limits far above what a lab asks, so that nothing depends on time. */
const limits = ({ random }: Scope): readonly Statement[] => [
  ...random.pick([[simple('limit_req', 'zone=requests', 'burst=10000', 'nodelay')], [simple('limit_conn', 'connections', '1000')]]),
  ...random.some(
    [
      simple('limit_req_status', '429'),
      simple('limit_conn_status', '429'),
      simple('limit_req_dry_run', 'on'),
      simple('limit_conn_dry_run', 'on'),
    ],
    0.2,
  ),
];

/** What the rest of a configuration may refer to: groups of upstream servers, zones of limits. */
export const SHARED: readonly Statement[] = [
  ...[403, 200, 404].map((code) => block('upstream', [`group${code}`], [simple('server', `unix:@dir@/http${code}.sock`)])),
  simple('limit_req_zone', '$binary_remote_addr', 'zone=requests:64k', 'rate=1000r/s'),
  simple('limit_conn_zone', '$binary_remote_addr', 'zone=connections:64k'),
];

export const GATEWAYS: readonly Sprinkle[] = [
  { says: 'gateway', chance: { location: 0.035 }, make: gateway },
  { says: 'handlers', chance: { location: 0.02 }, make: handlers },
  { says: 'dav', chance: { http: 0.004, server: 0.008, location: 0.01 }, make: dav },
  { says: 'gzip_static', chance: { http: 0.02, server: 0.05, location: 0.05 }, make: compressed },
  { says: 'limits', chance: { http: 0.02, server: 0.03, location: 0.03 }, make: limits },
];
