/**
 * What becomes of a directive of http {} in a private copy. `keep` is the rule; everything else has its reason
 * here, so that no code of the site runs, nothing outside is contacted and no real file is written.
 */
export type Treatment = 'keep' | 'drop' | 'code' | 'unseen' | 'values' | 'pass';

/** Logs, caches, shared limits, tuning, and filters that would choke on placeholder contents. */
const DROPPED = new Set(
  `access_log error_log log_format log_not_found open_log_file_cache log_subrequest open_file_cache open_file_cache_errors open_file_cache_events
   open_file_cache_min_uses open_file_cache_valid client_body_temp_path client_body_in_file_only resolver resolver_timeout upstream mirror
   mirror_request_body post_action auth_delay limit_rate limit_rate_after image_filter image_filter_buffer image_filter_jpeg_quality
   image_filter_webp_quality image_filter_interlace image_filter_sharpen image_filter_transparency xslt_stylesheet xslt_param xslt_string_param
   xml_entities xslt_last_modified xslt_types listen directio aio
   ssl_dhparam ssl_password_file ssl_session_ticket_key ssl_session_cache ssl_ciphers ssl_ecdh_curve ssl_conf_command ssl_crl ssl_stapling
   ssl_stapling_file ssl_stapling_responder ssl_stapling_verify ssl_ocsp ssl_ocsp_cache ssl_ocsp_responder http3 http3_hq quic_gso quic_retry
   http3_max_concurrent_streams http3_stream_buffer_size quic_host_key quic_bpf quic_active_connection_id_limit userid_path
   limit_req limit_req_dry_run limit_conn limit_conn_dry_run health_check status_zone`.split(/\s+/),
);

/** Everything about how a request is passed on; what it is answered comes from a stub. */
const UPSTREAM_FAMILY = /^(?:proxy|fastcgi|uwsgi|scgi|grpc|memcached)_/;
/** These two set $fastcgi_script_name and $fastcgi_path_info, which `try_files` and `if` read. */
const READ_ELSEWHERE = new Set(['fastcgi_index', 'fastcgi_split_path_info']);

/** Hands the request to something behind: nginx's own, and other modules by the same habit of naming. */
const PASS = /^(?:proxy|fastcgi|uwsgi|scgi|grpc|memcached|ajp|redis|redis2|drizzle|postgres|tarantool|zmq|srcache_fetch)_pass$/;

/** Code of the site, or of a module that asks somebody else, in a place where it may decide about the request. */
const CODE =
  /^(?:(?:access|rewrite|content|server_rewrite|set|header_filter|precontent|balancer|ssl_certificate|ssl_client_hello)_by_lua(?:_block|_file)?|perl|perl_set|js_content|js_access|js_set|js_header_filter|auth_pam|auth_ldap|auth_ldap_servers|auth_gss|auth_spnego|auth_digest|passenger_enabled|echo_exec|postgres_query|eval|modsecurity_rules_remote)$/;
/** The same modules' settings, which decide nothing by themselves. */
const SETTING =
  /^(?:lua_|js_|perl_|passenger_|auth_pam_|auth_ldap_|auth_gss_|auth_spnego_|auth_digest_|opentracing|otel_|postgres_|drizzle_|redis2?_|srcache_|upload_|(?:init|init_worker|exit_worker|log|body_filter|ssl_session_\w+)_by_lua)/;

/** Blocks whose entries are values, not directives. */
const VALUES = new Set(['map', 'geo', 'types', 'split_clients', 'charset_map', 'geoip2', 'match']);

export function treatmentOf(name: string): Treatment {
  if (PASS.test(name)) return 'pass';
  if (DROPPED.has(name)) return 'drop';
  if (CODE.test(name)) return 'code';
  if (name === 'modsecurity' || name.startsWith('modsecurity_')) return 'unseen';
  if (SETTING.test(name)) return 'drop';
  if (UPSTREAM_FAMILY.test(name) && !READ_ELSEWHERE.has(name)) return 'drop';
  return VALUES.has(name) ? 'values' : 'keep';
}

/** Modules whose directives are all left out: loading them would only cost time, or want files of theirs. */
export function isModuleLeftOut(file: string): boolean {
  return /(?:lua|perl|_js_|passenger|auth_pam|auth_ldap|spnego|mail_|stream_|rtmp|modsecurity|image_filter|xslt)|mail_module|stream_module/.test(
    file,
  );
}
