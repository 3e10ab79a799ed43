import { lastOf, type Reading } from './reading.ts';
import type { Limits } from './settings.ts';

export const NO_LIMITS: Limits = { list: [], status: 503, isDryRun: false };

/** limit_req or limit_conn: the list is inherited whole; status and dry_run each by themselves. */
export function readLimits({ groups, zones }: Reading, module: 'limit_req' | 'limit_conn', parent: Limits): Limits {
  const own = groups.get(module);
  const status = lastOf(groups, `${module}_status`);
  const dryRun = lastOf(groups, `${module}_dry_run`);
  if (own === undefined && status === null && dryRun === null) return parent;
  const list = own?.map((directive) => {
    const zone =
      module === 'limit_conn'
        ? (directive.args[0] ?? '')
        : (directive.args.find((arg) => arg.startsWith('zone='))?.slice('zone='.length) ?? '');
    return { directive, zone, key: zones.get(`${module} ${zone}`) ?? null };
  });
  return {
    list: list ?? parent.list,
    status: status === null ? parent.status : Number(status.args[0]),
    isDryRun: dryRun === null ? parent.isDryRun : dryRun.args[0]?.toLowerCase() === 'on',
  };
}
