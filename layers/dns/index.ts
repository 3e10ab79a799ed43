export { dnsReport, type Resolution, type ResolutionSource, type Resolved } from './model/resolution.ts';
export { isOwnAddress, type InterfaceAddress } from './model/own-addresses.ts';
export { ownInterfaces, resolveHost, type ResolveWishes } from './collect/resolve.ts';
