/** What nginx was started with, as far as its options steer what it reads. */
export interface CommandLine {
  /** The program as it was called. */
  readonly program: string;
  readonly configuration: string | null;
  readonly prefix: string | null;
  /** The directives of `-g`, unparsed. */
  readonly globals: string | null;
  readonly errorLog: string | null;
}

export type Role = 'master' | 'worker' | 'leaving worker' | 'helper' | 'single';

const TITLE = /^(?:nginx|angie|freenginx): (master|worker|cache manager|cache loader|privileged agent) process/;

/** What the process is, by the title nginx gives itself; `single` for one that has no title. */
export function roleOf(argv: readonly string[]): Role {
  const title = argv[0] ?? '';
  const role = TITLE.exec(title)?.[1];
  if (role === undefined) return 'single';
  if (role === 'master') return 'master';
  if (role !== 'worker') return 'helper';
  return title.includes('is shutting down') ? 'leaving worker' : 'worker';
}

/** Whether the process calls itself, or is, an nginx or one of its descendants. */
export function isNginx(executable: string | null, argv: readonly string[]): boolean {
  if (TITLE.test(argv[0] ?? '')) return true;
  const program = executable ?? argv[0] ?? '';
  return /^(?:nginx|nginx-debug|openresty|tengine|angie|freenginx)$/.test(baseName(program.replace(/ \(deleted\)$/, '')));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * Reads the options of a master process. nginx overwrites its arguments with a title in which they are
 * joined by spaces; a value is taken to run to the next thing that looks like an option.
 */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const title = /^\S+: master process (.*)$/s.exec(argv[0] ?? '')?.[1];
  const words = title === undefined ? argv : joinValues(title.split(' '));
  const [program = '', ...options] = words;
  const read = readOptions(options);
  return {
    program,
    configuration: read.get('c') ?? null,
    prefix: read.get('p') ?? null,
    globals: read.get('g') ?? null,
    errorLog: read.get('e') ?? null,
  };
}

/** Options that take a value, and those that don't (ngx_get_options, core/nginx.c). */
const WITH_VALUE = 'pcgse';
const OPTION = /^-[?hvVtTqpcgse]/;

function joinValues(words: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (const word of words) {
    const last = joined.at(-1);
    // The first word is the program; the word behind an option is its value whatever it looks like.
    const isNew = joined.length <= 1 || last === undefined || OPTION.test(word) || isBareOption(last);
    if (isNew) joined.push(word);
    else joined[joined.length - 1] = `${last} ${word}`;
  }
  return joined;
}

function isBareOption(word: string): boolean {
  return /^-[?hvVtTq]*[pcgse]$/.test(word);
}

function readOptions(words: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (!word.startsWith('-')) continue;
    const at = Array.from(word).findIndex((letter, position) => position > 0 && WITH_VALUE.includes(letter));
    if (at < 0) continue;
    const attached = word.slice(at + 1);
    if (attached === '') index += 1;
    // A later option wins over an earlier one.
    found.set(word.charAt(at), attached === '' ? (words[index] ?? '') : attached);
  }
  return found;
}
