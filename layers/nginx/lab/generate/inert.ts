import type { Random } from './random.ts';
import type { Level, Sprinkle } from './scope.ts';
import { type Statement, simple } from './statement.ts';

/** Directives that change no status by themselves; the model must know that they don't. */
const EVERYWHERE: readonly (readonly [name: string, ...values: string[]])[] = [
  ['access_log', 'off'],
  ['addition_types', '*'],
  ['client_body_in_file_only', 'clean'],
  ['keepalive_disable', 'msie6'],
  ['keepalive_requests', '3'],
  ['lingering_time', '1'],
  ['limit_rate_after', '1m'],
  ['mirror_request_body', 'off'],
  ['postpone_gzipping', '0'],
  ['read_ahead', '1k'],
  ['rewrite_log', 'on'],
  ['slice', '1m'],
  ['ssi', 'on'],
  ['sub_filter', 'nowhere somewhere'],
  ['subrequest_output_buffer_size', '8k'],
  ['userid', 'on'],
  ['proxy_pass_request_headers', 'off'],
  ['proxy_http_version', '1.1'],
  ['proxy_hide_header', 'X-Any'],
  ['add_header', 'X-Seen $uri always'],
  ['add_trailer', 'X-End $uri'],
  ['aio', 'off'],
  ['auth_delay', '0'],
  ['charset', 'utf-8', 'off'],
  ['chunked_transfer_encoding', 'on', 'off'],
  ['client_body_buffer_size', '8k'],
  ['client_body_in_single_buffer', 'on'],
  ['client_body_timeout', '5'],
  ['default_type', 'text/plain', 'text/html'],
  ['directio', 'off', '1'],
  ['error_log', '@dir@/other.log warn'],
  ['etag', 'off', 'on'],
  ['expires', '1h', 'max', '-1'],
  ['gunzip', 'on'],
  ['gzip', 'on', 'off'],
  ['gzip_min_length', '0'],
  ['gzip_types', '*'],
  ['keepalive_timeout', '5'],
  ['limit_rate', '100k'],
  ['lingering_close', 'off', 'on'],
  ['log_not_found', 'off'],
  ['log_subrequest', 'on'],
  ['msie_padding', 'off'],
  ['open_file_cache', 'off'],
  ['output_buffers', '1 32k'],
  ['postpone_output', '0'],
  ['proxy_buffering', 'off'],
  ['proxy_read_timeout', '5'],
  ['proxy_set_header', 'X-Real-IP $remote_addr'],
  ['reset_timedout_connection', 'on'],
  ['send_timeout', '5'],
  ['sendfile', 'on', 'off'],
  ['sendfile_max_chunk', '1m'],
  ['server_tokens', 'off', 'build'],
  ['tcp_nodelay', 'on'],
  ['tcp_nopush', 'on'],
  ['uninitialized_variable_warn', 'off'],
];

/** These do change an answer, but not by refusing: where it redirects to, how a path is read, how much may be sent. */
const TELLING: readonly (readonly [levels: readonly Level[], name: string, ...values: string[]])[] = [
  [['http', 'server', 'location'], 'absolute_redirect', 'off', 'on'],
  [['http', 'server', 'location'], 'port_in_redirect', 'off', 'on'],
  [['http', 'server', 'location'], 'server_name_in_redirect', 'on', 'off'],
  [['http', 'server', 'location'], 'client_max_body_size', '4', '1m', '0'],
  [['http', 'server', 'location'], 'if_modified_since', 'off', 'before', 'exact'],
  [['http', 'server', 'location'], 'max_ranges', '0', '1'],
  [['http', 'server', 'location'], 'mirror', '/guard/none', 'off', '/a/x.html'],
  [['http', 'server'], 'ignore_invalid_headers', 'off', 'on'],
  [['http', 'server'], 'underscores_in_headers', 'on', 'off'],
  [['http', 'server'], 'large_client_header_buffers', '2 512', '4 2k'],
  [['http', 'server'], 'client_header_buffer_size', '256', '128'],
];

function one(random: Random, [name, first = '', ...others]: readonly [name: string, ...values: string[]]): Statement {
  return simple(name, random.pick([first, ...others]));
}

const telling =
  (level: Level) =>
  ({ random }: { random: Random }): readonly Statement[] => {
    const [first, ...rest] = TELLING.filter(([levels]) => levels.includes(level));
    if (first === undefined) return [];
    const [, ...entry] = random.pick([first, ...rest]);
    return [one(random, entry)];
  };

export const INERT: readonly Sprinkle[] = [
  {
    says: 'inert',
    chance: { http: 0.3, server: 0.25, location: 0.2 },
    make: ({ random }) => random.some(EVERYWHERE, 1.5 / EVERYWHERE.length).map((entry) => one(random, entry)),
  },
  {
    says: 'slashes',
    chance: { http: 0.05, server: 0.12 },
    make: ({ random }) => [simple('merge_slashes', random.pick(['off', 'off', 'on']))],
  },
  { says: 'telling at http', chance: { http: 0.25 }, make: telling('http') },
  { says: 'telling at server', chance: { server: 0.25 }, make: telling('server') },
  { says: 'telling at location', chance: { location: 0.1 }, make: telling('location') },
];
