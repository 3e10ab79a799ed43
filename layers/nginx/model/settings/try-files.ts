import { lastOf, type Reading, textOf } from './reading.ts';
import type { TryFile, TryFiles } from './settings.ts';

/** try_files is never inherited: the module has no merge function. */
export function readTryFiles({ groups, encoding }: Reading): TryFiles | null {
  const directive = lastOf(groups, 'try_files');
  if (directive === null) return null;
  const tests: TryFile[] = directive.args.slice(0, -1).map((arg) => {
    const testsDirectory = arg.length > 0 && arg.endsWith('/');
    return { text: textOf(testsDirectory ? arg.slice(0, -1) : arg, encoding), testsDirectory };
  });
  const last = directive.args.at(-1) ?? '';
  return { directive, tests, last: last.startsWith('=') ? { code: Number(last.slice(1)) } : { target: textOf(last, encoding) } };
}
