/** One logged request: the other end of its connection, and what a forwarding header said; null where the log doesn't tell. */
export interface Carried {
  readonly peer: string;
  readonly forwarded: string | null;
}

/** So many different clients don't share one machine by accident; so many requests of one would have shown others. */
const MANY_CLIENTS = 3;
const MANY_REQUESTS = 20;

/**
 * Whether many different clients come through a peer, as logged requests show. Someone who forges headers
 * looks the same, so this tells what is usual for the peer and not that it may be believed. Null: too few
 * requests, or the log doesn't record what was forwarded.
 */
export function carriesMany(requests: readonly Carried[], peer: string): boolean | null {
  const told = requests.filter((one) => one.peer === peer && one.forwarded !== null);
  // The last of a list is whom this very peer saw.
  const clients = new Set(told.map(({ forwarded }) => forwarded?.split(',').at(-1)?.trim() ?? ''));
  clients.delete('');
  clients.delete('-');
  if (clients.size >= MANY_CLIENTS) return true;
  return told.length >= MANY_REQUESTS && clients.size <= 1 ? false : null;
}
