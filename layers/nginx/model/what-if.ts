import type { Edit, Step } from '@why403/decision';
import { type Accounts, carryOut, type FileTree } from '@why403/filesystem';
import { applyEdits } from '@why403/terms/diff';
import { assemble, parse } from './syntax/index.ts';
import type { Configuration, SourceFile } from './syntax/ast.ts';

/** The configuration once some edits are made; the reason when nginx would no longer read it. */
export function edited(configuration: Configuration, edits: readonly Edit[]): { readonly ok: Configuration } | { readonly why: string } {
  if (edits.length === 0) return { ok: configuration };
  const files = new Map<string, SourceFile>();
  for (const [path, file] of configuration.files) {
    const own = edits.filter((edit) => edit.file === file.real);
    if (own.length === 0) {
      files.set(path, file);
      continue;
    }
    const text = applied(file.text, own);
    if (text === null) return { why: 'two changes contradict each other' };
    const parsed = parse(text, path, { real: file.real, encoding: file.encoding });
    if ('error' in parsed) return { why: parsed.error.message };
    files.set(path, parsed.ok);
  }
  const assembled = assemble(configuration.main, configuration.prefix, files, (pattern) => {
    // An edit never adds or takes away a file: every include leads where it led before.
    const known = configuration.includes.find(({ directive }) => directive.args[0] === pattern);
    return known === undefined ? { why: 'it was not read before' } : { paths: known.paths };
  });
  return 'error' in assembled ? { why: assembled.error.message } : { ok: assembled.ok };
}

/** Null when the edits contradict each other, as those of remedies for two causes may. */
function applied(text: string, edits: readonly Edit[]): string | null {
  try {
    return applyEdits(text, edits);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The edits among some steps. */
export function editsOf(steps: readonly Step[]): readonly Edit[] {
  return steps.flatMap((step) => (step.kind === 'edit' ? step.edits : []));
}

/** The file tree once the commands among some steps have run; null when one of them can't be foretold. */
export function treeAfter(tree: FileTree, steps: readonly Step[], accounts: Accounts): FileTree | null {
  let now: FileTree | null = tree;
  for (const step of steps) {
    if (step.kind === 'manual') return null;
    if (step.kind === 'command' && now !== null && !isReload(step.argv)) now = carryOut(now, step.argv, accounts);
  }
  return now;
}

/** Testing or reading the configuration again changes no file. */
function isReload(argv: readonly string[]): boolean {
  return /(?:^|\/)(?:nginx|openresty|angie)$/.test(argv[0] ?? '') && (argv.includes('-t') || argv.includes('-s'));
}
