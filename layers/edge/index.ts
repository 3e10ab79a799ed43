export type { ClientAddresses, KeyedRefusal, Reading, ReadHeader, Trusted } from './model/client-addresses.ts';
export { type ForwardedAddress, forwardedAddresses } from './model/forwarding.ts';
export { type Carried, carriesMany } from './model/carried.ts';
export { isEverywhere, trustOf } from './model/trust.ts';
// What houses put into a bag under 'edge/client-addresses'.
export type * from './causes/evidence.ts';
