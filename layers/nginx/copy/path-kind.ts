import type { Configuration, Directive } from '../model/syntax/index.ts';

/**
 * What a path value starts with once its variables are filled in. `in-tree` comes from a variable that nginx
 * computes from `root` or `alias`, so in a copy it leads into the copied tree already.
 */
export type PathKind = 'absolute' | 'relative' | 'in-tree' | 'unknown';

const IN_TREE = new Set(['document_root', 'realpath_root', 'request_filename']);
/** Always start with a slash. */
const ABSOLUTE = new Set(['uri', 'document_uri', 'request_uri', 'fastcgi_script_name']);
/** Never start with a slash: names and numbers of nginx's own. */
const RELATIVE = new Set([
  'host',
  'server_name',
  'hostname',
  'scheme',
  'server_port',
  'server_addr',
  'remote_addr',
  'request_method',
  'server_protocol',
]);
const DEEPEST = 8;

/** Tells the kinds of path values of one configuration, through `set`, `map`, `geo` and `split_clients`. */
export class PathKinds {
  readonly #values = new Map<string, string[]>();

  constructor(configuration: Configuration) {
    this.#collect(configuration.directives);
  }

  /** The one kind that every possible value has, or `unknown`. */
  kindOf(value: string, depth = 0): PathKind {
    if (value.startsWith('/')) return 'absolute';
    const variable = variableAt(value);
    if (variable === null) return 'relative';
    if (IN_TREE.has(variable)) return 'in-tree';
    if (ABSOLUTE.has(variable)) return 'absolute';
    if (RELATIVE.has(variable)) return 'relative';
    const written = this.#values.get(variable);
    if (written === undefined || depth > DEEPEST) return 'unknown';
    const kinds = new Set(written.map((one) => this.kindOf(one, depth + 1)));
    const [only = 'unknown'] = kinds;
    return kinds.size === 1 ? only : 'unknown';
  }

  /** Every literal text that a value may come to, for those variables whose values are written down. */
  spellingsOf(value: string, depth = 0): readonly string[] {
    const match = /\$(?:\{(\w+)\}|(\w+))/.exec(value);
    if (match === null) return [value];
    const written = this.#values.get(match[1] ?? match[2] ?? '');
    if (written === undefined || depth > DEEPEST) return [];
    const rest = value.slice(match.index + match[0].length);
    return written.flatMap((one) => this.spellingsOf(value.slice(0, match.index) + one + rest, depth + 1)).slice(0, 1000);
  }

  #collect(directives: readonly Directive[]): void {
    for (const directive of directives) {
      const [first, second] = directive.args;
      if (directive.name === 'set' && first !== undefined && second !== undefined) this.#note(first, second);
      const target = definedBy(directive);
      if (target === null) {
        if (directive.block !== null) this.#collect(directive.block);
        continue;
      }
      for (const entry of directive.block ?? []) {
        const value = entry.args[0];
        if (value !== undefined && !['include', 'proxy', 'delete'].includes(entry.name)) this.#note(target, value);
      }
    }
  }

  #note(variable: string, value: string): void {
    const name = variable.replace(/^\$/, '');
    const values = this.#values.get(name) ?? [];
    values.push(value);
    this.#values.set(name, values);
  }
}

/** The variable that a block such as `map $a $b {}` defines, else null. */
function definedBy(directive: Directive): string | null {
  if (!['map', 'geo', 'split_clients'].includes(directive.name)) return null;
  return directive.args.at(-1) ?? null;
}

function variableAt(value: string): string | null {
  const match = /^\$(?:\{(\w+)\}|(\w+))/.exec(value);
  return match === null ? null : (match[1] ?? match[2] ?? null);
}
