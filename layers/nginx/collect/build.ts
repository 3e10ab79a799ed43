import { readFileSync, statSync } from 'node:fs';

/** What `nginx -V` would say of an executable. */
export interface Build {
  /** `nginx`, or a descendant such as `openresty`. */
  readonly product: string;
  readonly version: string;
  /** The arguments of its configure, unquoted. */
  readonly options: readonly string[];
  /** With a slash at its end. */
  readonly prefix: string;
  readonly main: string;
  /** Where it logs before it has read its configuration, and after when that names no log; may be `stderr`. */
  readonly errorLog: string;
  readonly accessLog: string;
  /** Whom workers run as when the configuration doesn't say. */
  readonly user: string;
  /** Null: the system's `nobody` or `nogroup`. */
  readonly group: string | null;
}

const LARGEST = 64 << 20;
const VERSION = /\b(?:nginx|Angie|Tengine|freenginx) version: ([A-Za-z]+)\/([^\s\0]+)/g;
const ARGUMENTS = 'configure arguments:';

/**
 * Reads out of the executable's own text what it would print for `-V`. The program isn't run: it may be
 * another machine's or container's, and must not act with our rights. Null when the text isn't there.
 */
export function readBuild(executable: string): Build | null {
  try {
    const { size } = statSync(executable);
    if (size > LARGEST) return null;
    const bytes = readFileSync(executable);
    return buildFromText(textAround(bytes)) ?? buildFromText(bytes.toString('latin1'));
  } catch {
    return null; // no permission, or it is gone; the caller says what follows from that
  }
}

/** Where the two lines mostly are, so that not all of the machine code has to become text. */
function textAround(bytes: Buffer): string {
  const at = bytes.indexOf(ARGUMENTS);
  const near = 65_536;
  return at < 0 ? '' : bytes.toString('latin1', Math.max(0, at - near), at + ARGUMENTS.length + near);
}

/** The same from text that holds both lines, be it the executable's or what `-V` printed. */
export function buildFromText(text: string): Build | null {
  // Tengine also prints the nginx it descends from, after its own line.
  const [version] = text.matchAll(VERSION);
  const at = text.indexOf(ARGUMENTS);
  if (version === undefined || at < 0) return null;
  const line = /^[^\n\0]*/.exec(text.slice(at + ARGUMENTS.length, at + ARGUMENTS.length + 65_536))?.[0] ?? '';
  return { product: (version[1] ?? 'nginx').toLowerCase(), version: version[2] ?? '', ...pathsOf(splitArguments(line)) };
}

/** Defaults of nginx's auto/options and auto/init. */
function pathsOf(options: readonly string[]): Omit<Build, 'product' | 'version'> {
  const value = (name: string): string | undefined => options.findLast((option) => option.startsWith(`--${name}=`))?.slice(name.length + 3);
  const prefix = withSlash(value('prefix') ?? '/usr/local/nginx');
  const below = (path: string): string => (path.startsWith('/') ? path : prefix + path);
  const log = value('error-log-path') ?? 'logs/error.log';
  return {
    options,
    prefix,
    main: below(value('conf-path') ?? 'conf/nginx.conf'),
    errorLog: log === 'stderr' ? log : below(log),
    accessLog: below(value('http-log-path') ?? 'logs/access.log'),
    user: value('user') ?? 'nobody',
    group: value('group') ?? value('user') ?? null,
  };
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}

/** Splits as a shell would: the configure script writes arguments with spaces in single quotes. */
function splitArguments(line: string): readonly string[] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return words.map((word) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, (_, single: string | undefined, double: string | undefined) => single ?? double ?? ''),
  );
}

/** What Debian's package is built with, for a configuration without an executable. */
export const DEBIAN: Pick<Build, 'prefix' | 'main' | 'errorLog' | 'accessLog' | 'user' | 'group'> = {
  prefix: '/usr/share/nginx/',
  main: '/etc/nginx/nginx.conf',
  errorLog: '/var/log/nginx/error.log',
  accessLog: '/var/log/nginx/access.log',
  user: 'nobody',
  group: null,
};

/** Whether a module that nginx builds by default, or only when asked, is in the executable or a `.so` of it. */
export function hasModule(build: Build, name: string): 'built-in' | 'dynamic' | 'absent' | 'unknown' {
  if (build.options.includes(`--without-${name}`)) return 'absent';
  if (build.options.includes(`--with-${name}`)) return 'built-in';
  if (build.options.includes(`--with-${name}=dynamic`)) return 'dynamic';
  if (DEFAULT.has(name)) return 'built-in';
  return OPTIONAL.has(name) ? 'absent' : 'unknown';
}

const named = (names: string): ReadonlySet<string> => new Set(names.split(' ').map((name) => `http_${name}_module`));

/** Modules of auto/options that are on unless told `--without-…`. */
const DEFAULT = named(
  'charset gzip ssi userid access auth_basic mirror autoindex geo map split_clients referer rewrite proxy fastcgi uwsgi scgi grpc memcached limit_conn limit_req empty_gif browser upstream_hash upstream_ip_hash upstream_least_conn upstream_random upstream_keepalive upstream_zone',
);

/** Modules of auto/options that are off unless told `--with-…`. */
const OPTIONAL = named(
  'ssl v2 v3 realip addition xslt image_filter geoip sub dav flv mp4 gunzip gzip_static auth_request random_index secure_link degradation slice stub_status perl',
);
