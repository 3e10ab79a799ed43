import { type Configuration, type Directive, fullName } from '../model/syntax/index.ts';
import type { ModelRequest } from '../model/trace.ts';
import { PathKinds } from './path-kind.ts';

/** No configuration needs more before the copy's own log shows what else is missing. */
const MOST = 20_000;

/**
 * Files that these requests may lead to, guessed widely from `root`, `alias`, `index`, `try_files` and
 * `error_page` wherever they stand. Guessing too much costs a look; what is missed shows in the copy's log.
 */
export function candidatePaths(configuration: Configuration, requests: readonly ModelRequest[]): readonly string[] {
  const found = new Set<string>();
  const kinds = new PathKinds(configuration);
  const all = listed(configuration.directives);
  const named = (name: string): readonly Directive[] => all.filter((directive) => directive.name === name);
  const literal = (texts: readonly string[]): readonly string[] => texts.filter((text) => !text.includes('$'));
  const indexes = new Set(['index.html', ...literal(named('index').flatMap((one) => one.args))]);
  const targets = literal([...named('error_page').map((one) => one.args.at(-1) ?? ''), ...named('try_files').flatMap((one) => one.args)]);
  const endings = new Set(named('try_files').flatMap((one) => one.args.flatMap((arg) => /^\$uri([^$]*)$/.exec(arg)?.[1] ?? [])));
  const uris = new Set([...requests.map((request) => pathOf(request)), ...targets.filter((target) => target.startsWith('/'))]);
  const bases = basesOf(configuration, kinds, all, requests);
  for (const base of bases) {
    for (const uri of uris) {
      if (base.location !== null && !uri.startsWith(base.location)) continue;
      const path = base.directory + (base.location === null ? uri : uri.slice(base.location.length));
      found.add(path);
      for (const ending of endings) found.add(path + ending);
      for (const index of indexes) found.add(`${path}/${index}`);
      if (found.size > MOST) return [...found];
    }
  }
  return [...found];
}

/** The password files that a configuration names, whose contents decide. */
export function passwordFilesOf(configuration: Configuration): readonly string[] {
  const kinds = new PathKinds(configuration);
  const files = listed(configuration.directives).filter((directive) => directive.name === 'auth_basic_user_file');
  return files
    .flatMap((directive) => kinds.spellingsOf(directive.args[0] ?? ''))
    .map((path) => fullName(configuration, path, 'conf-prefix'));
}

/** Whether a directive stands anywhere in a configuration, with this argument if one is given. */
export function uses(configuration: Configuration, name: string, argument?: string): boolean {
  return listed(configuration.directives).some(
    (directive) => directive.name === name && (argument === undefined || directive.args.includes(argument)),
  );
}

interface Base {
  readonly directory: string;
  /** The prefix that an alias replaces; null for a root. */
  readonly location: string | null;
}

function basesOf(
  configuration: Configuration,
  kinds: PathKinds,
  all: readonly Directive[],
  requests: readonly ModelRequest[],
): readonly Base[] {
  const hosts = new Set(
    requests.map(
      (request) =>
        request.headers
          .find(([name]) => name.toLowerCase() === 'host')?.[1]
          ?.toLowerCase()
          .replace(/:\d+$/, '') ?? '',
    ),
  );
  const bases = new Map<string, Base>();
  const note = (path: string, location: string | null): void => {
    const directory = fullName(configuration, path, 'prefix');
    bases.set(`${directory}\n${location ?? ''}`, { directory, location });
  };
  note('html', null);
  for (const directive of all) {
    if (directive.name !== 'root' && directive.name !== 'alias') continue;
    const values = [...hosts].map((host) =>
      (directive.args[0] ?? '').replace(/\$\{?(?:host|http_host|server_name)\b\}?/g, host.replaceAll('$', '')),
    );
    const location = directive.name === 'root' ? null : (directive.parent?.args.at(-1) ?? '/');
    for (const value of new Set(values)) {
      for (const spelling of kinds.spellingsOf(value)) note(spelling, location);
    }
  }
  return [...bases.values()];
}

function listed(directives: readonly Directive[]): readonly Directive[] {
  return directives.flatMap((directive) => [directive, ...listed(directive.block ?? [])]);
}

/** The path as nginx decodes it; a wrong escape is answered 400 before any file is looked at. */
function pathOf(request: ModelRequest): string {
  const path = request.target.replace(/^https?:\/\/[^/]*/i, '').replace(/[?#].*$/s, '');
  try {
    return decodeURIComponent(path).replace(/\/{2,}/g, '/');
  } catch {
    return path;
  }
}
