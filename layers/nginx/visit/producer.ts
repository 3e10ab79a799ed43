import type { Producer } from '@why403/terms/house';
import { type Exchange, header } from '@why403/terms/request';
import type { Observation } from '../model/attribution/observation.ts';
import type { Directive } from '../model/syntax/index.ts';
import type { Walk } from '../model/trace.ts';
import { nearest } from '../model/values/scope.ts';

const PAGE = /<hr><center>(nginx|openresty|tengine|angie|freenginx)(?:\/([\d.]+))?<\/center>/i;
/** Statuses that nginx makes up when nothing usable comes from behind; `$upstream_status` then has them too. */
const NOTHING_CAME: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/** Whether a body is a page that nginx writes itself; null without a body. */
export function pageOf({ body }: Exchange): 'own' | 'foreign' | null {
  return body === '' ? null : PAGE.test(body) ? 'own' : 'foreign';
}

/**
 * Who wrote a response. nginx puts its name into the Server header of whatever it passes on, and what is behind
 * it may be another nginx with the same page: the page and the header count only when the request ends here.
 */
export function producerOf(exchange: Exchange, observation: Observation | null, walk: Walk | undefined): Producer | null {
  const page = PAGE.exec(exchange.body);
  const server = header(exchange.headers, 'server');
  const madeUp = page !== null && NOTHING_CAME.has(exchange.status);
  const logged = observation?.access?.get('upstream_status');
  const behind = (because: string): Producer => ({ product: 'what is behind nginx', version: null, because });
  if (logged !== undefined && /^\d/.test(logged) && !madeUp) return behind(`the access log has $upstream_status ${logged}`);
  const rule = logged === undefined && !madeUp ? handedOn(walk) : null;
  if (rule !== null) {
    // An error_page may put a page of this server's in the place of what came from behind.
    if (page === null && exchange.body !== '' && nearest(rule.parent, 'error_page') !== null) return null;
    if (page === null && exchange.body !== '') return behind("nginx hands the request on, and the page is not nginx's own");
    if (page !== null && mayBeOurs(observation)) return null;
    return behind(
      `nginx hands the request on and logged no refusal of its own${page === null ? '' : `, so that the page is another ${page[1]}'s`}`,
    );
  }
  if (page !== null) {
    const product = (page[1] ?? 'nginx').toLowerCase();
    return { product, version: page[2] ?? versionIn(server), because: `the page is ${product}'s own` };
  }
  if (exchange.body === '' && server !== undefined && /^(?:nginx|openresty)/i.test(server)) {
    return {
      product: server.replace(/\/.*/s, '').toLowerCase(),
      version: versionIn(server),
      because: 'the answer has no body and names it in Server',
    };
  }
  return null;
}

/** The directive that hands the request on, when what comes back is the one thing about the walk that is open. */
function handedOn(walk: Walk | undefined): Directive | null {
  if (walk?.answer.state !== 'undetermined') return null;
  const open = walk.checks.filter((check) => check.verdict === 'undetermined');
  return open.every((check) => check.refusal?.kind === 'upstream') ? (open.at(-1)?.directive ?? null) : null;
}

/** A line in the error log, or a log that nobody could read, leaves open whose page it is. */
function mayBeOurs(observation: Observation | null): boolean {
  return observation?.recordsErrors !== true || observation.errors === null || observation.errors.length > 0;
}

function versionIn(server: string | undefined): string | null {
  return /\/([\d.]+)/.exec(server ?? '')?.[1] ?? null;
}
