/** An IP address or the path-less address of a Unix socket. */
export type Address =
  | { readonly family: 'v4'; readonly bytes: readonly number[] }
  | { readonly family: 'v6'; readonly bytes: readonly number[] }
  | { readonly family: 'unix' };

/** A network as nginx's `allow`, `deny`, `set_real_ip_from` and `geo` take it. */
export interface Network {
  readonly family: 'v4' | 'v6';
  readonly bytes: readonly number[];
  readonly prefix: number;
  /** Bits behind the prefix were set: nginx warns and ignores them. */
  readonly hadLowBits: boolean;
}

/** `unix:` gives the Unix family; null when it is no address. */
export declare function parseAddress(text: string): Address | null;
/** An address or CIDR; null when nginx would refuse it. */
export declare function parseNetwork(text: string): Network | null;
export declare function contains(network: Network, address: Address): boolean;
/** An IPv4-mapped IPv6 address as IPv4, others unchanged: access and realip compare so. */
export declare function unmapped(address: Address): Address;
export declare function printAddress(address: Address): string;
