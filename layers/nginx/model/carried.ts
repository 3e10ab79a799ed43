import type { Carried } from '@why403/edge';
import type { AccessEntry } from './logs/index.ts';

/** Variables of a log format that show whom a request was forwarded for. */
const FORWARDED = ['http_x_forwarded_for', 'http_x_real_ip', 'http_cf_connecting_ip', 'http_true_client_ip', 'http_forwarded'] as const;
/** why403's own probes speak for nobody. */
const OURS = /^why403\//;

/** Who came through whom, by entries of an access log. */
export function carriedIn(entries: readonly AccessEntry[]): readonly Carried[] {
  return entries.flatMap(({ values }): readonly Carried[] => {
    const before = values.get('realip_remote_addr');
    const client = values.get('remote_addr');
    const peer = before ?? client;
    if (peer === undefined || OURS.test(values.get('http_user_agent') ?? '')) return [];
    const named = FORWARDED.map((variable) => values.get(variable)).find((value) => value !== undefined && value !== '' && value !== '-');
    if (named !== undefined) return [{ peer, forwarded: named }];
    // With both addresses logged, the one that realip took over tells as much.
    if (before !== undefined && client !== undefined && client !== before) return [{ peer, forwarded: client }];
    const isRecorded = FORWARDED.some((variable) => values.has(variable));
    return [{ peer, forwarded: isRecorded ? '' : null }];
  });
}
