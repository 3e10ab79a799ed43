import type { Configuration } from '../syntax/ast.ts';
import { NO_LIMITS } from './limits.ts';
import { textOf } from './reading.ts';
import { defaultRoot } from './root.ts';
import type { Settings } from './settings.ts';

/** What holds where nothing is written, as the modules' merge functions say. */
export function defaultSettings(configuration: Configuration): Settings {
  return {
    root: defaultRoot({ configuration }),
    access: null,
    isSatisfyAny: false,
    satisfy: null,
    authBasic: null,
    authBasicFile: null,
    authRequest: null,
    authRequestSet: [],
    errorPages: [],
    isRecursiveErrorPages: false,
    intercepts: new Set(),
    index: [textOf('index.html', 'utf8')],
    indexDirectives: [],
    autoindex: null,
    randomIndex: null,
    gzipStatic: 'off',
    isGzipVary: false,
    gzipHttpVersion: '1.1',
    gzipProxied: ['off'],
    gzipDisable: [],
    tryFiles: null,
    limitReq: NO_LIMITS,
    limitConn: NO_LIMITS,
    disableSymlinks: null,
    handler: null,
    targets: new Map(),
    davMethods: new Set(),
    internal: null,
    maxBodySize: { bytes: 2 ** 20, directive: null },
    modsecurity: null,
    realip: null,
    isEtag: true,
    ifModifiedSince: 'exact',
    maxRanges: Infinity,
    filters: [],
    risks: [],
    unknown: [],
  };
}
