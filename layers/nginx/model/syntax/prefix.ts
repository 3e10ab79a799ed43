import type { Configuration } from './ast.ts';

/** The folder of the main file with its slash: what includes and most files named by directives are relative to. */
export function confPrefix(main: string): string {
  return main.slice(0, main.lastIndexOf('/') + 1);
}

/**
 * A path of the configuration as nginx completes it (`ngx_conf_full_name`). `root`, `alias`-like paths and
 * logs are relative to the prefix; includes, certificates and password files to the folder of the main file.
 */
export function fullName(
  configuration: Pick<Configuration, 'main' | 'prefix'>,
  path: string,
  relativeTo: 'prefix' | 'conf-prefix',
): string {
  if (path.startsWith('/')) return path;
  const { prefix, main } = configuration;
  if (relativeTo === 'conf-prefix') return confPrefix(main) + path;
  return prefix.endsWith('/') || prefix === '' ? prefix + path : `${prefix}/${path}`;
}
