import type { Producer } from '@why403/terms/house';
import { type Exchange, header } from '@why403/terms/request';

const PAGE = /<hr><center>(nginx|openresty|tengine|angie|freenginx)(?:\/([\d.]+))?<\/center>/i;

/** Whether a response was written by nginx itself: its body says so; a Server header alone says only who passed it on. */
export function producerOf(exchange: Exchange, upstreamStatus: string | undefined): Producer | null {
  const page = PAGE.exec(exchange.body);
  const server = header(exchange.headers, 'server');
  if (upstreamStatus !== undefined && /^\d/.test(upstreamStatus)) {
    return { product: 'what is behind nginx', version: null, because: `the access log has $upstream_status ${upstreamStatus}` };
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

function versionIn(server: string | undefined): string | null {
  return /\/([\d.]+)/.exec(server ?? '')?.[1] ?? null;
}
