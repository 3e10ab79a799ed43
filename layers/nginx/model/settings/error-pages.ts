import { toBytes } from '../values/bytes.ts';
import { type Reading, textOf } from './reading.ts';
import type { ErrorPage } from './settings.ts';

/** Statuses only nginx knows: without `=` their pages are sent as 400 (ngx_http_core_error_page). */
const INTERNAL_STATUSES: ReadonlySet<number> = new Set([494, 495, 496, 497]);

export function readErrorPages({ groups, encoding }: Reading): readonly ErrorPage[] {
  const pages: ErrorPage[] = [];
  for (const directive of groups.get('error_page') ?? []) {
    const args = directive.args;
    const written = args.at(-1) ?? '';
    const change = args.length > 2 ? args.at(-2) : undefined;
    const isChange = change?.startsWith('=') === true;
    const overwrite = !isChange ? -1 : change === '=' ? 0 : Number(change?.slice(1));
    // Without variables the arguments are cut off once; with them, when the target is expanded.
    const question = written.includes('$') || !written.startsWith('/') ? -1 : written.indexOf('?');
    const target = textOf(question < 0 ? written : written.slice(0, question), encoding);
    const query = question < 0 ? '' : toBytes(written.slice(question + 1), encoding);
    for (const code of args.slice(0, isChange ? -2 : -1)) {
      const status = Number(code);
      pages.push({
        directive,
        status,
        overwrite: overwrite === -1 && INTERNAL_STATUSES.has(status) ? 400 : overwrite,
        target,
        args: query,
      });
    }
  }
  return pages;
}
