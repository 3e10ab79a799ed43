import type { Phase } from '../trace.ts';

/** What a directive of a module outside the model may do to an answer. */
export interface Risk {
  readonly phase: Phase;
  readonly module: string;
  /** The status it refuses with when it does; null when it answers by itself. */
  readonly status: number | null;
}

/** Directives of the http, server, location, if and limit_except contexts whose effect the model computes. */
export const MODELLED: ReadonlySet<string> = new Set(
  `absolute_redirect alias allow auth_basic auth_basic_user_file auth_request autoindex client_header_buffer_size client_max_body_size dav_methods
  deny disable_symlinks empty_gif error_page etag if_modified_since max_ranges fastcgi_intercept_errors fastcgi_pass flv geo grpc_intercept_errors grpc_pass
  gzip_disable gzip_http_version gzip_proxied gzip_static gzip_vary if ignore_invalid_headers index internal
  large_client_header_buffers limit_conn limit_conn_dry_run limit_conn_status limit_conn_zone limit_except limit_req
  limit_req_dry_run limit_req_status limit_req_zone listen location map memcached_pass merge_slashes mirror modsecurity mp4
  proxy_intercept_errors proxy_pass random_index real_ip_header real_ip_recursive recursive_error_pages return rewrite root
  satisfy scgi_intercept_errors scgi_pass secure_link secure_link_md5 secure_link_secret server server_name set
  set_real_ip_from split_clients ssl ssl_client_certificate ssl_reject_handshake ssl_verify_client stub_status try_files
  underscores_in_headers upstream uwsgi_intercept_errors uwsgi_pass valid_referers break auth_request_set
  perl js_content content_by_lua content_by_lua_block content_by_lua_file echo echo_duplicate echo_exec echo_location
  echo_location_async echo_subrequest echo_subrequest_async echo_sleep echo_flush upload_pass passenger_enabled`.split(/\s+/),
);

/** Directives that can't change which status is sent: logging, headers, filters, buffers, timeouts. */
export const HARMLESS_NAMES: ReadonlySet<string> = new Set(
  `access_log add_after_body add_before_body add_header add_trailer addition_types aio aio_write ancient_browser
  ancient_browser_value auth_delay autoindex_exact_size autoindex_format autoindex_localtime charset charset_map
  charset_types chunked_transfer_encoding client_body_buffer_size client_body_in_file_only client_body_in_single_buffer
  client_body_temp_path client_body_timeout client_header_timeout connection_pool_size
  create_full_put_path dav_access default_type directio directio_alignment error_log expires geoip2 geoip2_proxy
  geoip2_proxy_recursive geoip_city geoip_country geoip_org geoip_proxy geoip_proxy_recursive gunzip gunzip_buffers
  keepalive_disable keepalive_requests keepalive_time keepalive_timeout limit_conn_log_level limit_rate
  limit_rate_after limit_req_log_level lingering_close lingering_time lingering_timeout log_format log_not_found
  log_subrequest map_hash_bucket_size map_hash_max_size min_delete_depth mirror_request_body modern_browser
  modern_browser_value modsecurity_rules modsecurity_rules_file modsecurity_rules_remote modsecurity_transaction_id
  more_clear_headers more_clear_input_headers more_set_input_headers more_set_headers mp4_buffer_size mp4_max_buffer_size
  mp4_start_key_frame msie_padding open_file_cache open_file_cache_errors open_file_cache_events
  open_file_cache_min_uses open_file_cache_valid open_log_file_cache output_buffers override_charset perl_modules
  perl_require port_in_redirect post_action postpone_gzipping postpone_output read_ahead
  referer_hash_bucket_size referer_hash_max_size request_pool_size reset_timedout_connection resolver resolver_timeout
  rewrite_log send_lowat send_timeout sendfile sendfile_max_chunk server_name_in_redirect server_names_hash_bucket_size
  server_names_hash_max_size server_tokens slice source_charset sub_filter sub_filter_last_modified sub_filter_once
  sub_filter_types subrequest_output_buffer_size subs_filter subs_filter_bypass subs_filter_types tcp_nodelay tcp_nopush
  thread_pool types types_hash_bucket_size types_hash_max_size uninitialized_variable_warn userid userid_domain
  userid_expires userid_flags userid_mark userid_name userid_p3p userid_path userid_service variables_hash_bucket_size
  variables_hash_max_size brotli brotli_buffers brotli_comp_level brotli_min_length brotli_types brotli_window
  pagespeed perl_set js_import js_path js_set js_var js_preload_object upload_progress track_uploads status_zone
  auth_pam_service_name auth_pam_set_pam_env http2 http3 early_hints keepalive_min_timeout client_body_early_read add_header_inherit
  add_trailer_inherit echo_before_body
  echo_after_body echo_reset_timer echo_blocking_sleep echo_request_body echo_read_request_body echo_foreach_split echo_end
  echo_status`.split(/\s+/),
);

/** Families that only shape what is sent to or from something behind nginx, or the TLS session. */
const HARMLESS_FAMILIES =
  /^(?:proxy|fastcgi|uwsgi|scgi|grpc|memcached|gzip|ssl|http2|http3|quic|ssi|passenger|lua_|init_(?:worker_)?by_lua|log_by_lua|balancer_by_lua|vhost_traffic_status|zstd)(?:_|$|by_lua)|^(?:init|init_worker|log|body_filter|header_filter|set)_by_lua(?:_block|_file)?$|^lua_/;

/** Third-party and optional modules by what they may do. A family ends in `*`. */
const RISKS: readonly (readonly [name: string, risk: Risk])[] = [
  ['auth_pam', { phase: 'access', module: 'auth_pam', status: 401 }],
  ['auth_ldap*', { phase: 'access', module: 'auth_ldap', status: 401 }],
  ['auth_digest*', { phase: 'access', module: 'auth_digest', status: 401 }],
  ['auth_jwt*', { phase: 'access', module: 'auth_jwt', status: 401 }],
  ['auth_gss*', { phase: 'access', module: 'auth_gss', status: 401 }],
  ['auth_spnego*', { phase: 'access', module: 'auth_spnego', status: 401 }],
  ['auth_radius*', { phase: 'access', module: 'auth_radius', status: 401 }],
  ['access_by_lua*', { phase: 'access', module: 'lua', status: 403 }],
  ['server_rewrite_by_lua*', { phase: 'server-rewrite', module: 'lua', status: 403 }],
  ['rewrite_by_lua*', { phase: 'rewrite', module: 'lua', status: 403 }],
  ['js_access', { phase: 'access', module: 'njs', status: 403 }],
  ['fancyindex*', { phase: 'content', module: 'fancyindex', status: null }],
  ['dav_ext_*', { phase: 'content', module: 'dav_ext', status: null }],
  ['brotli_static', { phase: 'content', module: 'brotli_static', status: null }],
  ['image_filter*', { phase: 'content', module: 'image_filter', status: null }],
  ['xslt_*', { phase: 'content', module: 'xslt', status: null }],
  ['xml_entities', { phase: 'content', module: 'xslt', status: null }],
  ['push_stream*', { phase: 'content', module: 'push_stream', status: null }],
  ['nchan_*', { phase: 'content', module: 'nchan', status: null }],
  ['cache_purge*', { phase: 'content', module: 'cache_purge', status: 403 }],
  ['SecRulesEnabled', { phase: 'rewrite', module: 'naxsi', status: 403 }],
  ['naxsi*', { phase: 'rewrite', module: 'naxsi', status: 403 }],
  ['testcookie*', { phase: 'access', module: 'testcookie', status: 403 }],
  ['pow_*', { phase: 'access', module: 'pow', status: 403 }],
  ['degradation', { phase: 'preaccess', module: 'degradation', status: 444 }],
  ['degrade', { phase: 'preaccess', module: 'degradation', status: 444 }],
];

const EXACT_RISKS = new Map(RISKS.filter(([name]) => !name.endsWith('*')));
const FAMILY_RISKS = RISKS.filter(([name]) => name.endsWith('*')).map(([name, risk]) => [name.slice(0, -1), risk] as const);

/** What is known of a directive: computed, harmless, a known risk, or nothing at all. */
export function classify(name: string): 'modelled' | 'harmless' | 'unknown' | Risk {
  if (MODELLED.has(name)) return 'modelled';
  const exact = EXACT_RISKS.get(name);
  if (exact !== undefined) return exact;
  if (HARMLESS_NAMES.has(name)) return 'harmless';
  const family = FAMILY_RISKS.find(([prefix]) => name.startsWith(prefix));
  if (family !== undefined) return family[1];
  return HARMLESS_FAMILIES.test(name) ? 'harmless' : 'unknown';
}
