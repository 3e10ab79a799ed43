import { type Bag, gathered, type Step, unavailable } from '@why403/decision';
import { Given } from '@why403/terms/given';
import type { Reload } from './evidence.ts';

/**
 * Turns a case's `given` into evidence. Times are seconds since the epoch:
 *
 * - `read-at`, `changed` (`path`, `at`, `by`), `failed` (a log line), `observed`, `foretold`
 * - `reload`: the command that reloads, in words; `unavailable`: why nothing is known
 */
export function bagOf(given: Readonly<Record<string, unknown>>): Bag {
  const all = new Given(given).only('product', 'read-at', 'changed', 'failed', 'observed', 'foretold', 'reload', 'unavailable');
  const why = all.text('unavailable');
  return { 'server/reload': why === null ? gathered(reloadOf(all)) : unavailable(why) };
}

function reloadOf(all: Given): Reload {
  const readAt = all.number('read-at');
  const failed = all.text('failed');
  const [program, ...args] = all.texts('reload');
  const reload: readonly Step[] = program === undefined ? [] : [{ kind: 'command', argv: [program, ...args] }];
  return {
    product: all.text('product') ?? 'nginx',
    readAt: readAt === null ? null : readAt * 1000,
    changed: all.maps('changed').map((one) => ({
      path: one.only('path', 'at', 'by').text('path') ?? '',
      at: (one.number('at') ?? 0) * 1000,
      by: one.word('by', ['content', 'names', 'inode']) ?? 'content',
    })),
    failed:
      failed === null
        ? null
        : { kind: 'log', file: '/var/log/nginx/error.log', text: failed, says: 'The last reload failed.', audience: 'operator' },
    observed: all.number('observed'),
    foretold: all.number('foretold'),
    reload,
  };
}
