import { type Address, parseAddressPort } from '@why403/terms/address';

/** One address taken over from a list, outermost trusted first. */
export interface Hop {
  readonly address: Address;
  readonly port: number | null;
  /** As it stands in the list. */
  readonly text: string;
}

/**
 * ngx_http_get_forwarded_addr: from a trusted address, the last of the list; when recursive, on to the left
 * as long as the address reached is trusted too. Fields are read from the last to the first. Empty when
 * nothing was taken over.
 */
export function forwarded(
  from: Address,
  fields: readonly string[],
  isTrusted: (address: Address) => boolean,
  isRecursive: boolean,
): readonly Hop[] {
  const hops: Hop[] = [];
  let now = from;
  for (const field of fields.toReversed()) {
    let rest = field;
    do {
      if (!isTrusted(now)) return hops;
      const { last, before } = cut(rest);
      const parsed = parseAddressPort(last);
      if (parsed === null) return hops;
      now = parsed.address;
      hops.push({ address: parsed.address, port: parsed.port, text: last });
      rest = before;
    } while (isRecursive && rest !== '');
    if (!isRecursive) break;
  }
  return hops;
}

/** The last item of a list separated by commas or spaces, and what stands before it. */
function cut(list: string): { readonly last: string; readonly before: string } {
  // nginx never looks at the first character when it steps over separators.
  let end = list.length;
  while (end > 1 && (list[end - 1] === ' ' || list[end - 1] === ',')) end--;
  let start = end - 1;
  while (start > 0 && list[start] !== ' ' && list[start] !== ',') start--;
  if (start <= 0) return { last: list.slice(0, end), before: '' };
  return { last: list.slice(start + 1, end), before: list.slice(0, start) };
}
