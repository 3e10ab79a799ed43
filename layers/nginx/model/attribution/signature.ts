import type { Refusal } from '../trace.ts';

/**
 * What a refusal writes into the error log at level `error` or above: a pattern for the message, or
 * silence. The texts were read off a real nginx 1.22.
 */
export function signatureOf(refusal: Refusal): RegExp | 'silent' {
  switch (refusal.kind) {
    case 'access-rule':
      return /access forbidden by rule/;
    case 'auth-basic-credentials':
      return refusal.given ? /user "[^"]*"(?:: password mismatch| was not found)/ : 'silent';
    case 'auth-basic-file':
      return /^open\(\) "[^"]*" failed \(\d+:/;
    case 'limit':
      return refusal.of === 'requests' ? /^limiting requests/ : /^limiting connections/;
    case 'no-index':
      return /^directory index of "[^"]*" is forbidden/;
    case 'obstacle':
      return OBSTACLE[refusal.use];
    case 'symlink':
      return /failed \(40:/;
    case 'module':
      return MODULES.get(refusal.module) ?? 'silent';
    case 'return':
    case 'try-files-status':
    case 'auth-request':
    case 'secure-link':
    case 'upstream':
      return 'silent';
    case 'built-in':
      return BUILT_IN.get(refusal.status) ?? 'silent';
  }
}

/** Modules that say so when they refuse; ngx_http_dav_error answers 403 for EACCES, EPERM and EROFS. */
const MODULES: ReadonlyMap<string, RegExp> = new Map([
  ['modsecurity', /ModSecurity: Access denied/],
  ['dav', /^(?:rename|unlink|rmdir|mkdir|open|ngx_open_tempfile|link|chmod)\(\) .*failed \((?:1|13|30):/],
]);

/** What nginx says of TLS, at level info (ngx_http_process_request). */
const BUILT_IN: ReadonlyMap<number, RegExp> = new Map([
  [495, /^client SSL certificate verify error: /],
  [496, /^client sent no required SSL certificate/],
  [497, /^client sent plain HTTP request to HTTPS port/],
]);

const OBSTACLE: Readonly<Record<Extract<Refusal, { kind: 'obstacle' }>['use'], RegExp>> = {
  index: /(?:is forbidden|is not found|failed) \((?:13|20|36|40):/,
  open: /failed \(\d+:|is forbidden \(\d+:/,
  list: /^opendir\(\) "[^"]*" failed \(\d+:/,
  'try-files': /failed \(\d+:/,
  'error-page': /failed \(\d+:/,
};

/** Messages by which nginx says that it refused, whatever refused: seeing one rules the silent refusals out. */
export const TELLING =
  /access forbidden by rule|is forbidden|failed \((?:13|40):|limiting (?:requests|connections)|password mismatch|was not found in|ModSecurity: Access denied/;
