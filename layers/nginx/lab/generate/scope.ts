import type { Random } from './random.ts';
import type { Statement } from './statement.ts';

export type Level = 'http' | 'server' | 'location' | 'if' | 'limit_except';

/** Where in a configuration statements are made for, and what they may refer to. */
export interface Scope {
  readonly random: Random;
  readonly level: Level;
  /** Variables that the http block defines, each with the values it may take. */
  readonly variables: ReadonlyMap<string, readonly string[]>;
  /** Named locations of this server, with `@`. */
  readonly named: readonly string[];
  /** Paths that hold an auth_request target in this server. */
  readonly guards: readonly string[];
  /** The kind of the location that this stands in; null outside one. */
  readonly location: { readonly kind: '' | '=' | '^~' | '~' | '~*' | '@'; readonly text: string } | null;
}

/** Some variable of the configuration, or one that every request brings. */
export function anyVariable({ random, variables }: Scope): string {
  const [first, ...rest] = variables.keys();
  return first !== undefined && random.chance(0.6) ? random.pick([first, ...rest]) : random.pick(['$arg_x', '$flag', '$cookie_k']);
}

/** One idea of what to write into a block. */
export interface Sprinkle {
  /** For the table of what was generated only. */
  readonly says: string;
  /** How probable it is at each level; a level not named doesn't take it. */
  readonly chance: Readonly<Partial<Record<Level, number>>>;
  make(scope: Scope): readonly Statement[];
}

/** Directives of which nginx takes only one in a block. */
const ONCE: ReadonlySet<string> = new Set(['satisfy', 'auth_basic', 'auth_basic_user_file', 'auth_request', 'root']);

/** What all of `sprinkles` that come up write into one block, in an order of chance. */
export function sprinkle(sprinkles: readonly Sprinkle[], scope: Scope): readonly Statement[] {
  const groups = sprinkles.filter(({ chance }) => scope.random.chance(chance[scope.level] ?? 0)).map((one) => one.make(scope));
  const seen = new Set<string>();
  const fitting = groups.map((group) =>
    group.filter(({ name }) => {
      const isTooMuch = ONCE.has(name) && seen.has(name);
      seen.add(name);
      return !isTooMuch;
    }),
  );
  return scope.random.shuffled(fitting).flat();
}
