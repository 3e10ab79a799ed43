import type { Some } from '@why403/decision';

/** One word of a command line; a path can be led somewhere else. */
type Part = { readonly path: string } | { readonly text: string };

/** A command of a fix, understood word by word. Whatever isn't understood is never run. */
export type Command =
  | { readonly kind: 'reload' }
  | {
      readonly kind: 'files';
      readonly program: string;
      readonly parts: readonly Part[];
      /** Absolute paths that it changes or makes. */
      readonly paths: readonly string[];
      readonly isRecursive: boolean;
    }
  | { readonly kind: 'refused'; readonly why: string };

interface Grammar {
  /** Options without a value. */
  readonly switches: ReadonlySet<string>;
  /** Options with a value in the next word, and what the value looks like. */
  readonly valued: ReadonlyMap<string, RegExp>;
  /** What the first operand looks like, when it isn't a path. */
  readonly first?: RegExp;
  /** The option with which there is no such operand. */
  readonly firstUnless?: string;
}

const MODE = /^(?:[0-7]{1,5}|[ugoa]*[-+=](?:[rwxXst]*|[ugo])(?:,[ugoa]*[-+=](?:[rwxXst]*|[ugo]))*)$/;
const ACCOUNT = /^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?$/;
const OWNER = /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*\$?)?(?::(?:[A-Za-z0-9_][A-Za-z0-9_.-]*\$?)?)?$/;
const ACL = /^[A-Za-z0-9_:.,$+-]+$/;

const of = (entries: readonly (readonly [string, RegExp])[]): ReadonlyMap<string, RegExp> => new Map(entries);

const GRAMMARS: ReadonlyMap<string, Grammar> = new Map<string, Grammar>([
  ['chmod', { switches: new Set(['-R', '--recursive', '-v', '-c', '-f']), valued: of([]), first: MODE }],
  ['chown', { switches: new Set(['-R', '--recursive', '-h', '--no-dereference', '-v', '-c', '-f']), valued: of([]), first: OWNER }],
  ['chgrp', { switches: new Set(['-R', '--recursive', '-h', '--no-dereference', '-v', '-c', '-f']), valued: of([]), first: ACCOUNT }],
  [
    'setfacl',
    {
      switches: new Set(['-R', '--recursive', '-d', '-n', '-b', '-k', '-P']),
      valued: of(['-m', '--modify', '-x', '--remove'].map((option) => [option, ACL])),
    },
  ],
  [
    'mkdir',
    {
      switches: new Set(['-p', '--parents', '-v']),
      valued: of([
        ['-m', MODE],
        ['--mode', MODE],
      ]),
    },
  ],
  ['touch', { switches: new Set(['-c']), valued: of([]) }],
  // It may make something empty; it never copies a file, which could be any that we can read.
  [
    'install',
    {
      switches: new Set(['-d', '-v']),
      valued: of([
        ['-m', MODE],
        ['-o', ACCOUNT],
        ['-g', ACCOUNT],
      ]),
      first: /^\/dev\/null$/,
      firstUnless: '-d',
    },
  ],
]);

const RELOADS: readonly RegExp[] = [
  /^(?:\S*\/)?nginx (?:.* )?-s reload$/,
  /^(?:\S*\/)?nginx (?:.* )?-t$/,
  /^systemctl (?:try-)?reload(?:-or-restart)? nginx(?:\.service)?$/,
  /^(?:service|invoke-rc\.d|rc-service) nginx reload$/,
  /^\/etc\/init\.d\/nginx reload$/,
  /^kill (?:-HUP|-s HUP|-1) \d+$/,
];

export function readCommand(argv: Some<string>): Command {
  const words = argv[0] === 'sudo' ? argv.slice(1) : [...argv];
  const line = words.join(' ');
  if (RELOADS.some((reload) => reload.test(line))) return { kind: 'reload' };
  const [program = '', ...rest] = words;
  const grammar = GRAMMARS.get(program);
  if (grammar === undefined) return { kind: 'refused', why: `\`${program}\` is not a command that can be tried` };
  const parts: Part[] = [];
  const paths: string[] = [];
  let isRecursive = false;
  let needsFirst = grammar.first !== undefined && (grammar.firstUnless === undefined || !rest.includes(grammar.firstUnless));
  let isOver = false;
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? '';
    const refused: Command = { kind: 'refused', why: `\`${program}\` with \`${word}\` is not a command that can be tried` };
    const [option, inline] = splitOption(word);
    const pattern = isOver ? undefined : grammar.valued.get(option);
    if (!isOver && word === '--') {
      isOver = true;
      parts.push({ text: word });
    } else if (pattern !== undefined) {
      const value = inline ?? rest[++at] ?? '';
      if (!pattern.test(value)) return refused;
      parts.push({ text: option }, { text: value });
    } else if (!isOver && grammar.switches.has(word)) {
      if (word === '-R' || word === '--recursive') isRecursive = true;
      parts.push({ text: word });
    } else if (needsFirst) {
      // chmod takes `-x` for a mode; every known option was looked at before.
      if (grammar.first?.test(word) !== true) return refused;
      needsFirst = false;
      parts.push({ text: word });
    } else {
      if (!isPlainPath(word)) return refused;
      paths.push(word);
      parts.push({ path: word });
    }
  }
  if (paths.length === 0) return { kind: 'refused', why: `\`${program}\` names no file` };
  return { kind: 'files', program, parts, paths, isRecursive };
}

/** The command's words with each path led where `lead` says. */
export function argvOf(command: Extract<Command, { kind: 'files' }>, lead: (path: string) => string): [string, ...string[]] {
  return [command.program, ...command.parts.map((part) => ('path' in part ? lead(part.path) : part.text))];
}

function splitOption(word: string): readonly [option: string, value: string | undefined] {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}

/** Absolute and without `..`: what it leads to doesn't depend on where it is run. */
function isPlainPath(word: string): boolean {
  return word.startsWith('/') && !word.split('/').includes('..') && !word.includes('\0');
}
