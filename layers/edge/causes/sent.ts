import type { KeyedRefusal, ReadHeader } from '../model/client-addresses.ts';

/** Whether the request has the header that the server is told to read, with an address in it. */
export function isHeaderSent({ forwarded }: KeyedRefusal, header: ReadHeader): boolean {
  const wanted = header.name.toLowerCase();
  return forwarded.some((one) => one.header.toLowerCase() === wanted);
}
